/* Older annotation words (SAL 1), beside those of sal.h; each expands to nothing. */
#ifndef _DMS_SPECSTRINGS_H_
#define _DMS_SPECSTRINGS_H_

#include <sal.h>
#include <driverspecs.h>

#define __in
#define __in_opt
#define __in_z
#define __in_z_opt
#define __in_ecount(s)
#define __in_ecount_opt(s)
#define __in_ecount_z(s)
#define __in_bcount(s)
#define __in_bcount_opt(s)
#define __in_bcount_z(s)
#define __in_range(l, h)
#define __in_xcount(s)
#define __in_xcount_opt(s)
#define __in_data_source(s)
#define __out
#define __out_opt
#define __out_z
#define __out_ecount(s)
#define __out_ecount_opt(s)
#define __out_ecount_z(s)
#define __out_ecount_part(s, l)
#define __out_ecount_part_opt(s, l)
#define __out_ecount_full(s)
#define __out_ecount_full_opt(s)
#define __out_bcount(s)
#define __out_bcount_opt(s)
#define __out_bcount_z(s)
#define __out_bcount_part(s, l)
#define __out_bcount_part_opt(s, l)
#define __out_bcount_full(s)
#define __out_bcount_full_opt(s)
#define __out_range(l, h)
#define __out_xcount(s)
#define __out_xcount_opt(s)
#define __inout
#define __inout_opt
#define __inout_z
#define __inout_ecount(s)
#define __inout_ecount_opt(s)
#define __inout_ecount_z(s)
#define __inout_ecount_full(s)
#define __inout_ecount_part(s, l)
#define __inout_bcount(s)
#define __inout_bcount_opt(s)
#define __inout_bcount_full(s)
#define __inout_bcount_part(s, l)
#define __deref_in
#define __deref_in_opt
#define __deref_out
#define __deref_out_opt
#define __deref_out_z
#define __deref_out_ecount(s)
#define __deref_out_ecount_opt(s)
#define __deref_out_bcount(s)
#define __deref_out_bcount_opt(s)
#define __deref_out_range(l, h)
#define __deref_opt_out
#define __deref_opt_out_opt
#define __deref_opt_out_bcount(s)
#define __deref_inout
#define __deref_inout_opt
#define __deref_volatile
#define __deref_ecount(s)
#define __deref_bcount(s)
#define __ecount(s)
#define __bcount(s)
#define __field_ecount(s)
#define __field_ecount_opt(s)
#define __field_ecount_part(s, l)
#define __field_bcount(s)
#define __field_bcount_opt(s)
#define __field_bcount_part(s, l)
#define __field_range(l, h)
#define __field_data_source(s)
#define __field_xcount(s)
#define __struct_bcount(s)
#define __struct_xcount(s)
#define __range(l, h)
#define __success(e)
#define __checkReturn
#define __callback
#define __nullterminated
#define __nullnullterminated
#define __reserved
#define __format_string
#define __blocksOn(r)
#define __control_entrypoint(c)
#define __data_entrypoint(c)
#define __typefix(t)
#define __override
#define __post
#define __pre
#define __valid
#define __notvalid
#define __notnull
#define __maybenull
#define __exceptthat
#define __refparam
#define __byte_readableTo(s)
#define __byte_writableTo(s)
#define __elem_readableTo(s)
#define __elem_writableTo(s)
#define __volatile
#define __nonvolatile
#define __deref_nonvolatile
#define __possibly_notnullterminated
#define __encoded_pointer
#define __encoded_array
#define __inner_checkReturn

#endif
