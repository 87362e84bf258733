/* Error codes of Windows. */
#ifndef _WINERROR_
#define _WINERROR_

#define ERROR_SUCCESS                 0L
#define NO_ERROR                      0L
#define ERROR_INVALID_FUNCTION        1L
#define ERROR_FILE_NOT_FOUND          2L
#define ERROR_PATH_NOT_FOUND          3L
#define ERROR_TOO_MANY_OPEN_FILES     4L
#define ERROR_ACCESS_DENIED           5L
#define ERROR_INVALID_HANDLE          6L
#define ERROR_ARENA_TRASHED           7L
#define ERROR_NOT_ENOUGH_MEMORY       8L
#define ERROR_INVALID_BLOCK           9L
#define ERROR_BAD_ENVIRONMENT         10L
#define ERROR_BAD_FORMAT              11L
#define ERROR_INVALID_ACCESS          12L
#define ERROR_INVALID_DATA            13L
#define ERROR_OUTOFMEMORY             14L
#define ERROR_INVALID_DRIVE           15L
#define ERROR_NOT_SAME_DEVICE         17L
#define ERROR_NO_MORE_FILES           18L
#define ERROR_WRITE_PROTECT           19L
#define ERROR_BAD_UNIT                20L
#define ERROR_NOT_READY               21L
#define ERROR_BAD_COMMAND             22L
#define ERROR_CRC                     23L
#define ERROR_BAD_LENGTH              24L
#define ERROR_SEEK                    25L
#define ERROR_SECTOR_NOT_FOUND        27L
#define ERROR_WRITE_FAULT             29L
#define ERROR_READ_FAULT              30L
#define ERROR_GEN_FAILURE             31L
#define ERROR_SHARING_VIOLATION       32L
#define ERROR_LOCK_VIOLATION          33L
#define ERROR_HANDLE_EOF              38L
#define ERROR_HANDLE_DISK_FULL        39L
#define ERROR_NOT_SUPPORTED           50L
#define ERROR_REM_NOT_LIST            51L
#define ERROR_DUP_NAME                52L
#define ERROR_BAD_NETPATH             53L
#define ERROR_NETWORK_BUSY            54L
#define ERROR_DEV_NOT_EXIST           55L
#define ERROR_ADAP_HDW_ERR            57L
#define ERROR_UNEXP_NET_ERR           59L
#define ERROR_NETNAME_DELETED         64L
#define ERROR_FILE_EXISTS             80L
#define ERROR_CANNOT_MAKE             82L
#define ERROR_INVALID_PARAMETER       87L
#define ERROR_NO_PROC_SLOTS           89L
#define ERROR_BROKEN_PIPE             109L
#define ERROR_OPEN_FAILED             110L
#define ERROR_BUFFER_OVERFLOW         111L
#define ERROR_DISK_FULL               112L
#define ERROR_CALL_NOT_IMPLEMENTED    120L
#define ERROR_SEM_TIMEOUT             121L
/** The buffer is too small. */
#define ERROR_INSUFFICIENT_BUFFER     122L
#define ERROR_INVALID_NAME            123L
#define ERROR_INVALID_LEVEL           124L
#define ERROR_MOD_NOT_FOUND           126L
#define ERROR_PROC_NOT_FOUND          127L
#define ERROR_NEGATIVE_SEEK           131L
#define ERROR_NOT_LOCKED              158L
#define ERROR_BAD_PATHNAME            161L
#define ERROR_LOCK_FAILED             167L
#define ERROR_BUSY                    170L
#define ERROR_ALREADY_EXISTS          183L
#define ERROR_ENVVAR_NOT_FOUND        203L
#define ERROR_PIPE_BUSY               231L
#define ERROR_NO_DATA                 232L
#define ERROR_MORE_DATA               234L
#define WAIT_TIMEOUT                  258L
#define ERROR_NO_MORE_ITEMS           259L
#define ERROR_DIRECTORY               267L
#define ERROR_NOT_OWNER               288L
#define ERROR_PARTIAL_COPY            299L
/** The address does not suit the request. */
#define ERROR_INVALID_ADDRESS         487L
#define ERROR_ARITHMETIC_OVERFLOW     534L
#define ERROR_OPERATION_ABORTED       995L
#define ERROR_IO_INCOMPLETE           996L
/** The request goes on; its overlapped structure tells when it is done. */
#define ERROR_IO_PENDING              997L
/** Memory was touched that is not accessible. */
#define ERROR_NOACCESS                998L
#define ERROR_SWAPERROR               999L
#define ERROR_STACK_OVERFLOW          1001L
#define ERROR_INVALID_FLAGS           1004L
#define ERROR_IO_DEVICE               1117L
#define ERROR_NOT_FOUND               1168L
#define ERROR_DEVICE_NOT_CONNECTED    1167L
#define ERROR_CANCELLED               1223L
#define ERROR_CONNECTION_REFUSED      1225L
#define ERROR_GRACEFUL_DISCONNECT     1226L
#define ERROR_INVALID_USER_BUFFER     1784L
#define ERROR_NO_SYSTEM_RESOURCES     1450L
#define ERROR_NONPAGED_SYSTEM_RESOURCES 1451L
#define ERROR_PAGED_SYSTEM_RESOURCES  1452L
#define ERROR_WORKING_SET_QUOTA       1453L
#define ERROR_PAGEFILE_QUOTA          1454L
#define ERROR_COMMITMENT_LIMIT        1455L
#define ERROR_TIMEOUT                 1460L
#define ERROR_INTERNAL_ERROR          1359L
#define ERROR_NOT_ENOUGH_QUOTA        1816L

#define S_OK          ((HRESULT)0L)
#define S_FALSE       ((HRESULT)1L)
#define E_NOTIMPL     ((HRESULT)0x80004001L)
#define E_NOINTERFACE ((HRESULT)0x80004002L)
#define E_POINTER     ((HRESULT)0x80004003L)
#define E_FAIL        ((HRESULT)0x80004005L)
#define E_OUTOFMEMORY ((HRESULT)0x8007000EL)
#define E_INVALIDARG  ((HRESULT)0x80070057L)
#define SUCCEEDED(hr) (((HRESULT)(hr)) >= 0)
#define FAILED(hr)    (((HRESULT)(hr)) < 0)

/** What functions of the SDK answer: negative values are failures. */
typedef long HRESULT;
#define S_OK                    ((HRESULT)0L)
#define S_FALSE                 ((HRESULT)1L)
#define E_NOTIMPL               ((HRESULT)0x80004001L)
#define E_POINTER               ((HRESULT)0x80004003L)
#define E_FAIL                  ((HRESULT)0x80004005L)
#define E_UNEXPECTED            ((HRESULT)0x8000FFFFL)
#define E_ACCESSDENIED          ((HRESULT)0x80070005L)
#define E_HANDLE                ((HRESULT)0x80070006L)
#define E_OUTOFMEMORY           ((HRESULT)0x8007000EL)
#define E_INVALIDARG            ((HRESULT)0x80070057L)
#define FACILITY_WIN32          7
#define SUCCEEDED(hr)           (((HRESULT)(hr)) >= 0)
#define FAILED(hr)              (((HRESULT)(hr)) < 0)
#define HRESULT_CODE(hr)        ((hr) & 0xFFFF)
#define HRESULT_FROM_WIN32(x)   ((HRESULT)(x) <= 0 ? (HRESULT)(x) : (HRESULT)(((x) & 0x0000FFFF) | (FACILITY_WIN32 << 16) | 0x80000000))

#endif
