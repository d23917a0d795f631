//! Starts the helper with administrator rights: Windows asks the person, and shows which program it is.
#![expect(
    unsafe_code,
    reason = "only the shell can ask for administrator rights; every pointer passed is to a local that outlives the call"
)]

use std::ptr::null;

use windows_sys::Win32::Foundation::{CloseHandle, ERROR_CANCELLED, GetLastError, WAIT_OBJECT_0};
use windows_sys::Win32::System::Com::{
    COINIT_APARTMENTTHREADED, COINIT_DISABLE_OLE1DDE, CoInitializeEx, CoUninitialize,
};
use windows_sys::Win32::System::Threading::{GetExitCodeProcess, INFINITE, WaitForSingleObject};
use windows_sys::Win32::UI::Shell::{
    SEE_MASK_NOASYNC, SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::SW_HIDE;

use super::helper::Outcome;
use crate::doctor::CommandLine;
use crate::transport::native::device_tree::wide;

/// Asks, waits for the answer, runs the command and waits for its end.
///
/// The helper cannot hang on a person: after the question it asks nothing. It can wait for Windows to install a driver,
/// which takes as long as it takes, so there is no time limit here either: this runs on a thread of its own.
pub(super) fn run(command: &CommandLine) -> Outcome {
    // The shell may hand the question to an extension, which wants COM (ShellExecuteExW's remarks).
    let flags = COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE;
    // SAFETY: balanced below on this thread, if it succeeded.
    let com = unsafe { CoInitializeEx(null(), flags.cast_unsigned()) };
    let outcome = start_and_wait(command);
    if com >= 0 {
        // SAFETY: balances the call above.
        unsafe { CoUninitialize() };
    }
    outcome
}

fn start_and_wait(command: &CommandLine) -> Outcome {
    let verb = wide("runas");
    let file = wide(&command.program);
    // Arguments need no quoting: `Instance` lets no character through that would.
    let parameters = wide(&command.arguments.join(" "));
    let mut start = SHELLEXECUTEINFOW {
        cbSize: size_of::<SHELLEXECUTEINFOW>()
            .try_into()
            .unwrap_or_default(),
        fMask: SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC,
        lpVerb: verb.as_ptr(),
        lpFile: file.as_ptr(),
        lpParameters: parameters.as_ptr(),
        nShow: SW_HIDE,
        ..SHELLEXECUTEINFOW::default()
    };
    // SAFETY: the structure carries its size, and the texts in it end with a zero and outlive the call.
    if unsafe { ShellExecuteExW(&raw mut start) } == 0 {
        // SAFETY: takes nothing.
        return match unsafe { GetLastError() } {
            ERROR_CANCELLED => Outcome::Dismissed,
            error => {
                tracing::warn!(error, "the helper could not be started");
                Outcome::NotStarted
            }
        };
    }
    if start.hProcess.is_null() {
        return Outcome::NotStarted;
    }
    let mut code = 0;
    // SAFETY: the handle is a process's, ours until it is closed below; the code is a local.
    let ended = unsafe {
        let waited = WaitForSingleObject(start.hProcess, INFINITE);
        let told = GetExitCodeProcess(start.hProcess, &raw mut code);
        CloseHandle(start.hProcess);
        waited == WAIT_OBJECT_0 && told != 0
    };
    if ended {
        Outcome::of_code(code)
    } else {
        Outcome::NotStarted
    }
}
