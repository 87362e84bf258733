/* Names of calling conventions that interface headers use. */
#ifndef _DMS_BASETYPS_H_
#define _DMS_BASETYPS_H_

#include <guiddef.h>

#define STDMETHODCALLTYPE __stdcall
#define STDAPICALLTYPE    __stdcall

#endif
