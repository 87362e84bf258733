/* The WDK's header that bans unsafe string routines. Nothing is banned here: what they break is found when it happens. */
#ifndef _DMS_DONTUSE_H_
#define _DMS_DONTUSE_H_
#endif
