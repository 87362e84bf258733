/* Source annotations. They carry no meaning for the emulator, so each word expands to nothing. */
#ifndef _DMS_SAL_H_
#define _DMS_SAL_H_

/* Parameters that are read */
#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(s)
#define _In_reads_opt_(s)
#define _In_reads_bytes_(s)
#define _In_reads_bytes_opt_(s)
#define _In_reads_z_(s)
#define _In_reads_opt_z_(s)
#define _In_reads_or_z_(s)
#define _In_reads_or_z_opt_(s)
#define _In_reads_to_ptr_(p)
#define _In_reads_to_ptr_opt_(p)
#define _In_bytecount_(s)
#define _In_bytecount_opt_(s)
#define _In_count_(s)
#define _In_opt_count_(s)
#define _In_range_(l, h)
#define _In_function_class_(c)
#define _In_defensive_(a)

/* Parameters that are written */
#define _Out_
#define _Out_opt_
#define _Out_writes_(s)
#define _Out_writes_opt_(s)
#define _Out_writes_z_(s)
#define _Out_writes_opt_z_(s)
#define _Out_writes_bytes_(s)
#define _Out_writes_bytes_opt_(s)
#define _Out_writes_all_(s)
#define _Out_writes_all_opt_(s)
#define _Out_writes_bytes_all_(s)
#define _Out_writes_bytes_all_opt_(s)
#define _Out_writes_to_(s, c)
#define _Out_writes_to_opt_(s, c)
#define _Out_writes_bytes_to_(s, c)
#define _Out_writes_bytes_to_opt_(s, c)
#define _Out_writes_to_ptr_(p)
#define _Out_range_(l, h)
#define _Out_cap_(s)
#define _Out_bytecap_(s)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_nullonfailure_
#define _Outptr_opt_result_nullonfailure_
#define _Outptr_result_z_
#define _Outptr_result_buffer_(s)
#define _Outptr_opt_result_buffer_(s)
#define _Outptr_result_bytebuffer_(s)
#define _Outptr_opt_result_bytebuffer_(s)
#define _Outptr_result_bytebuffer_maybenull_(s)
#define _COM_Outptr_
#define _Outref_

/* Parameters that are read and written */
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_opt_z_
#define _Inout_updates_(s)
#define _Inout_updates_opt_(s)
#define _Inout_updates_z_(s)
#define _Inout_updates_bytes_(s)
#define _Inout_updates_bytes_opt_(s)
#define _Inout_updates_all_(s)
#define _Inout_updates_bytes_all_(s)
#define _Inout_updates_to_(s, c)
#define _Inout_updates_bytes_to_(s, c)
#define _Inout_defensive_(a)

/* Results */
#define _Ret_
#define _Ret_z_
#define _Ret_notnull_
#define _Ret_maybenull_
#define _Ret_null_
#define _Ret_valid_
#define _Ret_range_(l, h)
#define _Ret_writes_(s)
#define _Ret_writes_z_(s)
#define _Ret_writes_bytes_(s)
#define _Ret_writes_maybenull_(s)
#define _Ret_writes_bytes_maybenull_(s)
#define _Ret_writes_bytes_to_(s, c)
#define _Result_nullonfailure_
#define _Result_zeroonfailure_
#define _Must_inspect_result_
#define _Check_return_
#define _Check_return_opt_
#define _Success_(e)
#define _Return_type_success_(e)
#define _On_failure_(a)
#define _Always_(a)
#define _Maybe_raises_SEH_exception_
#define _Raises_SEH_exception_

/* Conditions and states */
#define _Pre_
#define _Pre_valid_
#define _Pre_invalid_
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Pre_null_
#define _Pre_z_
#define _Pre_satisfies_(e)
#define _Pre_readable_size_(s)
#define _Pre_readable_byte_size_(s)
#define _Pre_writable_size_(s)
#define _Pre_writable_byte_size_(s)
#define _Pre_equal_to_(e)
#define _Pre_defensive_
#define _Post_
#define _Post_valid_
#define _Post_invalid_
#define _Post_notnull_
#define _Post_maybenull_
#define _Post_null_
#define _Post_z_
#define _Post_satisfies_(e)
#define _Post_equal_to_(e)
#define _Post_ptr_invalid_
#define _Post_readable_size_(s)
#define _Post_readable_byte_size_(s)
#define _Post_writable_size_(s)
#define _Post_writable_byte_size_(s)
#define _Post_defensive_
#define _Prepost_z_
#define _Valid_
#define _Notvalid_
#define _Notnull_
#define _Maybenull_
#define _Null_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Readable_elements_(s)
#define _Readable_bytes_(s)
#define _Writable_elements_(s)
#define _Writable_bytes_(s)
#define _Deref_
#define _Deref_opt_
#define _Deref_pre_z_
#define _Deref_post_z_
#define _Deref_out_
#define _Deref_out_opt_
#define _Deref_out_range_(l, h)
#define _Deref_in_range_(l, h)
#define _Deref_inout_range_(l, h)
#define _Deref_ret_range_(l, h)
#define _Deref_pre_valid_
#define _Deref_post_valid_
#define _Deref_post_maybenull_
#define _Deref_post_notnull_

/* Fields, control, meta */
#define _Field_size_(s)
#define _Field_size_opt_(s)
#define _Field_size_part_(s, c)
#define _Field_size_full_(s)
#define _Field_size_bytes_(s)
#define _Field_size_bytes_opt_(s)
#define _Field_size_bytes_part_(s, c)
#define _Field_size_bytes_full_(s)
#define _Field_range_(l, h)
#define _Field_z_
#define _Struct_size_bytes_(s)
#define _At_(t, a)
#define _At_buffer_(t, i, b, a)
#define _When_(e, a)
#define _Group_(a)
#define _Const_
#define _Literal_
#define _Notliteral_
#define _Reserved_
#define _Points_to_data_
#define _Use_decl_annotations_
#define _Function_class_(c)
#define _Called_from_function_class_(c)
#define _Strict_type_match_
#define _Enum_is_bitflag_
#define _Printf_format_string_
#define _Scanf_format_string_
#define _Analysis_assume_(e)
#define _Analysis_assume_nullterminated_(e)
#define _Analysis_noreturn_
#define _Analysis_mode_(m)
#define _Null_terminated_string_
#define _Translates_Win32_to_HRESULT_(e)
#define _Translates_NTSTATUS_to_HRESULT_(e)
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define _Inexpressible_(e)
#define __analysis_assume(e)
#define __analysis_assert(e)
#define __analysis_noreturn
#define __fallthrough
#define _Fallthrough_

#endif
