//! The steps, through SetupAPI. Every pointer passed is to a local that outlives the call.
//!
//! What Device Manager's "Let me pick from a list of available drivers" does by hand: the class drivers of one INF
//! are listed for one device, one is selected, and `DiInstallDevice` installs it.
#![expect(
    unsafe_code,
    reason = "drivers are selected through Windows' C interface only; it is called nowhere else in this program"
)]

use std::mem::offset_of;
use std::ptr::{null, null_mut};

use carto_flasher::doctor::windows::Instance;
use carto_flasher::doctor::windows::device_tree::{self, wide};
use carto_flasher::doctor::windows::helper::{self, INBOX_INF, INBOX_MODEL, Outcome, Step};
use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    CM_Get_Parent, CM_LOCATE_DEVNODE_NORMAL, CM_Locate_DevNodeW, CM_REENUMERATE_SYNCHRONOUS,
    CM_Reenumerate_DevNode, CR_SUCCESS, DI_ENUMSINGLEINF, DI_FLAGSEX_ALLOWEXCLUDEDDRVS,
    DI_QUIETINSTALL, DIIDFLAG_INSTALLNULLDRIVER, DIIDFLAG_NOFINISHINSTALLUI, DiInstallDevice,
    DiUninstallDevice, HDEVINFO, SP_DEVINFO_DATA, SP_DEVINSTALL_PARAMS_W, SP_DRVINFO_DATA_V2_W,
    SP_DRVINFO_DETAIL_DATA_W, SPDIT_CLASSDRIVER, SetupDiBuildDriverInfoList,
    SetupDiCreateDeviceInfoList, SetupDiDestroyDeviceInfoList, SetupDiEnumDriverInfoW,
    SetupDiGetDeviceInstallParamsW, SetupDiGetDriverInfoDetailW, SetupDiOpenDeviceInfoW,
    SetupDiSetDeviceInstallParamsW, SetupDiSetSelectedDriverW,
};
use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, GetLastError};
use windows_sys::Win32::System::SystemInformation::GetSystemWindowsDirectoryW;
use windows_sys::Win32::UI::Shell::IsUserAnAdmin;
use windows_sys::core::BOOL;

/// Longest path SetupAPI takes (`MAX_PATH`).
const LONGEST_PATH: usize = 260;
/// Drivers of the INF that are looked at; Windows' own has one.
const MOST_DRIVERS: u32 = 64;

/// True if this process has administrator rights.
pub(super) fn is_elevated() -> bool {
    // SAFETY: takes nothing.
    unsafe { IsUserAnAdmin() != 0 }
}

/// Takes the steps of a plan.
pub(super) fn run(instance: &Instance, steps: &[Step]) -> Outcome {
    // The parent is looked up while the device is still in the tree.
    let parent = parent(instance);
    helper::carry_out(steps, |step| match step {
        Step::FindWinUsb => inbox_inf().map(|_path| false).ok_or(Outcome::NoInboxDriver),
        Step::ClearDriver => Device::open(instance).and_then(Device::clear),
        Step::BindWinUsb => Device::open(instance).and_then(Device::bind),
        Step::Forget => Device::open(instance).and_then(Device::forget),
        Step::Rescan => rescan(parent),
        Step::Check => helper::check(device_tree::read(instance.as_str()).as_ref()).map(|()| false),
    })
}

/// One device, opened in a list of its own.
struct Device {
    list: HDEVINFO,
    data: SP_DEVINFO_DATA,
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: the list is ours and not used again.
        unsafe { SetupDiDestroyDeviceInfoList(self.list) };
    }
}

impl Device {
    fn open(instance: &Instance) -> Result<Self, Outcome> {
        let name = wide(instance.as_str());
        // SAFETY: no class and no window: both may be null.
        let list = unsafe { SetupDiCreateDeviceInfoList(null(), null_mut()) };
        if list == -1 {
            return Err(refused("SetupDiCreateDeviceInfoList"));
        }
        let mut device = Self {
            list,
            data: SP_DEVINFO_DATA {
                cbSize: size_in_u32::<SP_DEVINFO_DATA>(),
                ..SP_DEVINFO_DATA::default()
            },
        };
        // SAFETY: the name ends with a zero; the structure carries its size.
        let opened = unsafe {
            SetupDiOpenDeviceInfoW(list, name.as_ptr(), null_mut(), 0, &raw mut device.data)
        };
        if opened == 0 {
            tell("SetupDiOpenDeviceInfo");
            return Err(Outcome::Gone);
        }
        Ok(device)
    }

    /// Unbinds what is bound, by Windows' "null driver".
    fn clear(self) -> Result<bool, Outcome> {
        self.install(null(), DIIDFLAG_INSTALLNULLDRIVER)
    }

    /// Selects Windows' own WinUSB and installs it.
    fn bind(mut self) -> Result<bool, Outcome> {
        self.list_only(&inbox_inf().ok_or(Outcome::NoInboxDriver)?)?;
        // SAFETY: the structure is the one the device was opened into.
        let listed =
            unsafe { SetupDiBuildDriverInfoList(self.list, &raw mut self.data, SPDIT_CLASSDRIVER) };
        if listed == 0 {
            return Err(refused("SetupDiBuildDriverInfoList"));
        }
        let mut driver = self.find_winusb().ok_or(Outcome::NoInboxDriver)?;
        // SAFETY: both structures were filled by SetupAPI for this list.
        let selected =
            unsafe { SetupDiSetSelectedDriverW(self.list, &raw mut self.data, &raw mut driver) };
        if selected == 0 {
            return Err(refused("SetupDiSetSelectedDriver"));
        }
        self.install(&raw const driver, DIIDFLAG_NOFINISHINSTALLUI)
    }

    /// Takes the device out of the tree; the files of its driver stay.
    fn forget(self) -> Result<bool, Outcome> {
        let mut restart: BOOL = 0;
        // SAFETY: the structure is the one the device was opened into; no window.
        let done = unsafe {
            DiUninstallDevice(
                null_mut(),
                self.list,
                &raw const self.data,
                0,
                &raw mut restart,
            )
        };
        if done == 0 {
            return Err(refused("DiUninstallDevice"));
        }
        Ok(restart != 0)
    }

    fn install(&self, driver: *const SP_DRVINFO_DATA_V2_W, flags: u32) -> Result<bool, Outcome> {
        let mut restart: BOOL = 0;
        // SAFETY: the structures were filled by SetupAPI for this list; the driver may be null for the null driver.
        let done = unsafe {
            DiInstallDevice(
                null_mut(),
                self.list,
                &raw const self.data,
                driver,
                flags,
                &raw mut restart,
            )
        };
        if done == 0 {
            return Err(refused("DiInstallDevice"));
        }
        Ok(restart != 0)
    }

    /// Has only the drivers of this INF listed, and those too that are shown to nobody.
    fn list_only(&mut self, inf: &[u16]) -> Result<(), Outcome> {
        let mut parameters = SP_DEVINSTALL_PARAMS_W {
            cbSize: size_in_u32::<SP_DEVINSTALL_PARAMS_W>(),
            ..SP_DEVINSTALL_PARAMS_W::default()
        };
        // SAFETY: the structures carry their sizes.
        let read = unsafe {
            SetupDiGetDeviceInstallParamsW(self.list, &raw const self.data, &raw mut parameters)
        };
        if read == 0 {
            return Err(refused("SetupDiGetDeviceInstallParams"));
        }
        parameters.Flags |= DI_ENUMSINGLEINF | DI_QUIETINSTALL;
        parameters.FlagsEx |= DI_FLAGSEX_ALLOWEXCLUDEDDRVS;
        for (to, from) in parameters.DriverPath.iter_mut().zip(inf) {
            *to = *from;
        }
        // SAFETY: as above.
        let set = unsafe {
            SetupDiSetDeviceInstallParamsW(self.list, &raw const self.data, &raw const parameters)
        };
        if set == 0 {
            return Err(refused("SetupDiSetDeviceInstallParams"));
        }
        Ok(())
    }

    /// The driver in the list that serves what Microsoft calls compatible with WinUSB.
    fn find_winusb(&self) -> Option<SP_DRVINFO_DATA_V2_W> {
        for index in 0..MOST_DRIVERS {
            let mut driver = SP_DRVINFO_DATA_V2_W {
                cbSize: size_in_u32::<SP_DRVINFO_DATA_V2_W>(),
                ..SP_DRVINFO_DATA_V2_W::default()
            };
            // SAFETY: the structures carry their sizes.
            let more = unsafe {
                SetupDiEnumDriverInfoW(
                    self.list,
                    &raw const self.data,
                    SPDIT_CLASSDRIVER,
                    index,
                    &raw mut driver,
                )
            };
            if more == 0 {
                break;
            }
            if self.serves_winusb(&driver) {
                return Some(driver);
            }
        }
        None
    }

    fn serves_winusb(&self, driver: &SP_DRVINFO_DATA_V2_W) -> bool {
        /// The detail with room for the IDs that follow it.
        #[repr(C)]
        struct Roomy {
            detail: SP_DRVINFO_DETAIL_DATA_W,
            rest: [u16; 2048],
        }
        let mut roomy = Roomy {
            detail: SP_DRVINFO_DETAIL_DATA_W {
                cbSize: size_in_u32::<SP_DRVINFO_DETAIL_DATA_W>(),
                ..SP_DRVINFO_DETAIL_DATA_W::default()
            },
            rest: [0; 2048],
        };
        // SAFETY: the detail is the first member of a structure of the size passed.
        let told = unsafe {
            SetupDiGetDriverInfoDetailW(
                self.list,
                &raw const self.data,
                driver,
                (&raw mut roomy).cast(),
                size_in_u32::<Roomy>(),
                null_mut(),
            )
        };
        // SAFETY: takes nothing.
        if told == 0 && unsafe { GetLastError() } != ERROR_INSUFFICIENT_BUFFER {
            return false;
        }
        // SAFETY: every bit pattern is a u16, and the slice lies within the structure.
        let ids = unsafe {
            std::slice::from_raw_parts(
                (&raw const roomy)
                    .byte_add(offset_of!(SP_DRVINFO_DETAIL_DATA_W, HardwareID))
                    .cast::<u16>(),
                roomy.rest.len(),
            )
        };
        ids.split(|&unit| unit == 0)
            .any(|id| String::from_utf16_lossy(id).eq_ignore_ascii_case(INBOX_MODEL))
    }
}

fn parent(instance: &Instance) -> Option<u32> {
    let name = wide(instance.as_str());
    let (mut device, mut parent) = (0, 0);
    // SAFETY: the name ends with a zero; the numbers are locals.
    let found = unsafe {
        CM_Locate_DevNodeW(&raw mut device, name.as_ptr(), CM_LOCATE_DEVNODE_NORMAL) == CR_SUCCESS
            && CM_Get_Parent(&raw mut parent, device, 0) == CR_SUCCESS
    };
    found.then_some(parent)
}

/// Has the hub looked at again. If that fails the device comes back when it is plugged in again.
fn rescan(parent: Option<u32>) -> Result<bool, Outcome> {
    let parent = parent.ok_or(Outcome::Gone)?;
    // SAFETY: takes numbers only.
    let answer = unsafe { CM_Reenumerate_DevNode(parent, CM_REENUMERATE_SYNCHRONOUS) };
    if answer != CR_SUCCESS {
        return Err(refused("CM_Reenumerate_DevNode"));
    }
    Ok(false)
}

/// The path of Windows' own INF with a zero at the end. The folder is asked of the system, not of the environment.
fn inbox_inf() -> Option<Vec<u16>> {
    let mut folder = [0_u16; LONGEST_PATH];
    let room = u32::try_from(LONGEST_PATH).ok()?;
    // SAFETY: the buffer is a local of the length passed.
    let length = unsafe { GetSystemWindowsDirectoryW(folder.as_mut_ptr(), room) };
    let folder = folder.get(..usize::try_from(length).ok()?)?;
    let path: Vec<u16> = folder
        .iter()
        .copied()
        .chain(r"\INF\".encode_utf16())
        .chain(wide(INBOX_INF))
        .collect();
    let there = std::path::Path::new(&String::from_utf16(path.strip_suffix(&[0])?).ok()?).is_file();
    (there && path.len() <= LONGEST_PATH).then_some(path)
}

fn refused(call: &str) -> Outcome {
    tell(call);
    Outcome::Refused
}

/// For who runs the helper in a terminal; Windows' own account is in setupapi.dev.log.
fn tell(call: &str) {
    use std::io::Write as _;
    let error = std::io::Error::last_os_error();
    writeln!(std::io::stderr(), "{call}: {error}").ok();
}

/// Sizes of SetupAPI's structures are far below 4 GiB.
fn size_in_u32<T>() -> u32 {
    u32::try_from(size_of::<T>()).unwrap_or_default()
}
