#error KMDF is not supported here; write the driver against WDM (ntddk.h or wdm.h)
