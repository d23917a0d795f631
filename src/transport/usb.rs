//! `DfuLink` over libusb.
