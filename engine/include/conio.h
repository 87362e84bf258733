/* The console's keyboard. */
#ifndef _DMS_CONIO_H_
#define _DMS_CONIO_H_

#ifdef _DMS_KERNEL_MODE
#error conio.h is a header of processes
#endif

/** Whether a key was pressed: 0, since nobody sits in front of the emulated machine. */
int __cdecl _kbhit(void);
/** Reads a key: EOF, since nothing comes in. */
int __cdecl _getch(void);
/** Reads a key and shows it: EOF, since nothing comes in. */
int __cdecl _getche(void);

#endif
