//! The fixed words of each page.

/// How a job ended, in the rail.
pub mod rail {
    /// Well.
    pub const VERIFIED: &str = "Verified";
    /// The flash was read and kept.
    pub const BACKED_UP: &str = "Backed up";
    /// Not well.
    pub const FAILED: &str = "Not finished";
    /// The user stopped it.
    pub const STOPPED: &str = "Stopped";
}

/// Words of the probe step.
pub mod probe {
    /// Before the first look.
    pub const LOOKING: &str = "Looking at the USB ports…";
    /// Title when nothing is there.
    pub const PLUG_IN: &str = "Plug the probe into this computer";
    /// Under it.
    pub const PLUG_IN_HOW: &str =
        "Use its USB cable, and unplug it from the printer first. This page goes on by itself.";
    /// Title of the list below.
    pub const NOTHING_HAPPENS: &str = "Nothing happens?";
    /// The likeliest reason.
    pub const CAN_REASON: &str = "The probe may be flashed for CAN.";
    /// Another.
    pub const PLUG_REASON: &str = "A right-angle probe has its plug reversed.";
    /// Reasons, most likely first: a bold beginning and the rest.
    pub const REASONS: [(&str, &str); 4] = [
        (
            CAN_REASON,
            "Silence on USB is normal then; DFU mode reaches it.",
        ),
        (
            "The cable may only charge.",
            "Use the cable that came with the probe, or another data cable.",
        ),
        (
            "The port may not like it.",
            "Try another port, or go through a USB 2 hub.",
        ),
        (PLUG_REASON, "Its four wires run in the opposite order."),
    ];
    /// What destroys a probe.
    pub const NEVER_24_V: &str = "Never connect 24 V.";
    /// Why.
    pub const NEVER_24_V_WHY: &str = "The probe takes 5 V only; 24 V destroys it.";
    /// Opens the coach.
    pub const USE_DFU: &str = "Use DFU mode…";
    /// Under it.
    pub const USE_DFU_HINT: &str = "The rescue where nothing else works; it takes tweezers";
    /// Starts practice.
    pub const PRACTISE: &str = "Practice on a simulated probe";
    /// Title for one.
    pub const ONE: &str = "One probe found";
    /// Title for several.
    pub const SEVERAL: &str = "Which probe?";
    /// Title when only things that are no probes are there.
    pub const NONE_OF_THESE: &str = "No probe found yet";
    /// Under it.
    pub const NONE_OF_THESE_HOW: &str =
        "These are on the bus, but none is a probe this program can flash.";
    /// Several F042 in DFU mode.
    pub const TWINS: &str = "These probes look alike in DFU mode";
    /// Under it.
    pub const TWINS_HOW: &str =
        "This chip has no serial number in DFU mode. Unplug all but the one you want to flash.";
    /// Badge.
    pub const UP_TO_DATE: &str = "Up to date";
    /// Badge.
    pub const JUST_NOW: &str = "Just plugged in";
    /// Chooses one of several.
    pub const CHOOSE: &str = "Choose this one";
    /// It is chosen.
    pub const CHOSEN: &str = "Chosen";
    /// Title of the side doors.
    pub const ALSO: &str = "Also possible";
    /// Side door.
    pub const ANOTHER_VERSION: &str = "Another version…";
    /// Under it.
    pub const ANOTHER_VERSION_HINT: &str = "Older and lite versions, in the list";
    /// Side door.
    pub const OPEN_FILE: &str = "Open a firmware file…";
    /// Under it.
    pub const OPEN_FILE_HINT: &str = "A .bin of your own; it is inspected first";
    /// Side door.
    pub const SWITCH_TO_CAN: &str = "Switch to CAN…";
    /// Under it.
    pub const SWITCH_TO_CAN_HINT: &str = "For a probe that is wired to a CAN bus";
    /// Side door.
    pub const BACK_UP: &str = "Back up this probe";
    /// Under it.
    pub const BACK_UP_HINT: &str = "Reads it into a file; nothing on it changes";
    /// Side door.
    pub const RESTORE: &str = "Restore a backup…";
    /// Under it.
    pub const RESTORE_HINT: &str = "Writes an earlier backup onto the probe";
    /// The bus cannot be read.
    pub const BUS_FAILED: &str = "The USB bus cannot be read";
    /// Under it.
    pub const BUS_FAILED_HOW: &str = "The system did not list its USB devices. Plug the probe in again, or start the computer again.";
}

/// Words of repairs.
pub mod repair {
    /// Asks for administrator rights.
    pub const INSTALL: &str = "Set the permission…";
    /// While it is asked.
    pub const ASKING: &str = "Answer the system's question";
    /// Asks for administrator rights to have a permission that is there applied.
    pub const APPLY: &str = "Apply the permission…";
    /// Under these buttons.
    pub const GOES_ON: &str = "This page goes on by itself.";
    /// Name of what the button does, for doing it by hand.
    pub const BY_HAND: &str = "The same in a terminal";
    /// Name of the file that is written.
    pub const EXACT_FILE: &str = "The file that is written";
    /// Name of what takes it away again.
    pub const UNDO: &str = "To undo it later";
    /// Asks for administrator rights to change the driver.
    pub const INSTALL_WINUSB: &str = "Install WinUSB…";
    /// What that changes.
    pub const WINUSB_CHANGES: &str = "Windows asks for administrator rights for carto-flasher-winusb.exe, which \
        selects Windows' own WinUSB driver for this one bootloader and ends. Nothing is downloaded or unpacked, and no \
        certificate is added. To undo it: carto-flasher-cli doctor restore-driver, or Uninstall device in Device Manager.";
    /// Name of a command.
    pub const IN_TERMINAL: &str = "In a terminal";
}

/// Words of the firmware step.
pub mod firmware {
    /// Title.
    pub const TITLE: &str = "Which firmware?";
    /// Hint in it.
    pub const PATH_HINT: &str = "/folder/firmware.bin";
    /// Button beside it.
    pub const OPEN: &str = "Open…";
    /// Reads the path.
    pub const INSPECT: &str = "Inspect";
    /// Drops the file.
    pub const ANOTHER: &str = "Choose another";
    /// It fits.
    pub const FITS: &str = "Fits this probe";
    /// Without a probe nothing can be said.
    pub const NO_PROBE: &str = "No probe is plugged in, so nothing can be said about the fit yet";
    /// The inspector's rows.
    pub const FILE: &str = "File";
    /// Row.
    pub const FOR: &str = "For";
    /// Row.
    pub const CONNECTION: &str = "Connection";
    /// Row.
    pub const VERSION: &str = "Version";
    /// Row.
    pub const VARIANT: &str = "Variant";
    /// Row.
    pub const ADDRESS: &str = "Address";
    /// Row.
    pub const SIZE: &str = "Size";
    /// Row.
    pub const SHA256: &str = "SHA-256";
    /// Row.
    pub const OFFICIAL: &str = "Official";
    /// It is none.
    pub const NOT_OFFICIAL: &str = "No, not one of the official files";
    /// It was put together here.
    pub const COMPOSED: &str = "Put together here from the official Katapult and firmware";
    /// Title of the bootloader card.
    pub const NEEDS_KATAPULT: &str = "In DFU mode, Katapult is written with it";
    /// Under it.
    pub const NEEDS_KATAPULT_WHY: &str = "This file is the firmware alone. It starts only with the Katapult bootloader in front of it. Add the Katapult file for this board, or choose a file that holds both.";
    /// What screen readers call the field for its path.
    pub const KATAPULT_PATH: &str = "Path of the Katapult file";
    /// Opens it.
    pub const OPEN_KATAPULT: &str = "Add a Katapult file…";
    /// Row.
    pub const KATAPULT: &str = "Katapult";
    /// Consent.
    pub const DEPLOYER: &str = "This replaces the bootloader";
    /// Why.
    pub const DEPLOYER_WHY: &str = "A deployer runs once and writes a new Katapult over the old one. If power goes in that second, the probe needs its pads. Keep the cable still.";
    /// Box.
    pub const DEPLOYER_YES: &str = "I understand, replace the bootloader";
}

/// Words of the review step.
pub mod review {
    /// Title.
    pub const TITLE: &str = "This is what will happen";
    /// Row.
    pub const WRITE: &str = "Write";
    /// Row.
    pub const ONTO: &str = "Onto";
    /// Row.
    pub const HOW: &str = "How";
    /// Row.
    pub const WHERE: &str = "Where";
    /// Row.
    pub const BOOTLOADER: &str = "Bootloader";
    /// Stays.
    pub const BOOTLOADER_STAYS: &str = "Stays as it is";
    /// Is written.
    pub const BOOTLOADER_WRITTEN: &str = "Katapult is written too";
    /// Row.
    pub const BACKUP: &str = "Backup";
    /// Its box.
    pub const BACKUP_BOX: &str = "Keep a backup of what is on the probe now";
    /// The host may be slow.
    pub const LEAVES_LITE: &str = "The probe runs lite now";
    /// Under it.
    pub const LEAVES_LITE_WHY: &str = "Full sends more data than a K1, Qidi or Pi 2 can take. For lite, go back and say that the host is slow.";
    /// Title of the last part.
    pub const AFTERWARDS: &str = "Afterwards";
    /// Nothing to plan yet.
    pub const NOTHING: &str = "The probe is not there";
    /// Under it.
    pub const NOTHING_HOW: &str = "Plug it in again: this page goes on by itself.";
}

/// Words of the flash step.
pub mod flash {
    /// Title.
    pub const TITLE: &str = "Flashing";
    /// Title of a backup.
    pub const TITLE_BACKUP: &str = "Backing up";
    /// Before the first event.
    pub const STARTING: &str = "Starting…";
    /// The probe left, and the job waits for it.
    pub const WAITING: &str = "Waiting for the probe…";
    /// Stops.
    pub const STOP: &str = "Stop…";
    /// It was asked to stop.
    pub const STOPPING: &str = "Stopping after this block…";
    /// Do not unplug.
    pub const KEEP: &str = "Keep the probe plugged in";
    /// While nothing is written.
    pub const KEEP_SAFE: &str = "If it is unplugged now, nothing is lost: it is still what it was.";
    /// When all is written and verified.
    pub const KEEP_ALL_WRITTEN: &str = "Everything is written and verified. It only has to start.";
    /// What happened besides.
    pub const NOTES: &str = "Worth knowing";
    /// It left in the middle.
    pub const PLUG_IN_AGAIN: &str = "The probe left: plug it in again and flashing goes on";
}

/// Words of questions.
pub mod question {
    /// Closing while flashing.
    pub const CLOSE: &str = "Close while the probe is being flashed?";
    /// Its safe answer.
    pub const CLOSE_NO: &str = "Keep flashing";
    /// Its other answer.
    pub const CLOSE_YES: &str = "Stop and close";
    /// Stopping.
    pub const STOP: &str = "Stop flashing?";
    /// Its safe answer.
    pub const STOP_NO: &str = "Keep flashing";
    /// Its other answer.
    pub const STOP_YES: &str = "Stop";
    /// Deleting kept firmware.
    pub const REMOVE: &str = "Remove all downloaded firmware?";
    /// Its safe answer.
    pub const REMOVE_NO: &str = "Keep it";
    /// Its other answer.
    pub const REMOVE_YES: &str = "Remove everything";
    /// Stopping is free.
    pub const STOP_FREE: &str = "Nothing was written yet: the probe stays what it was.";
}

/// Words of the done step.
pub mod done {
    /// Title.
    pub const SUCCESS: &str = "Done and verified";
    /// Title for a backup.
    pub const SUCCESS_BACKUP: &str = "Backed up";
    /// Under it.
    pub const BACKUP_SUMMARY: &str =
        "The whole flash was read and kept. Open the file here to write it back.";
    /// Title for a backup of nothing.
    pub const BLANK: &str = "The flash is blank";
    /// Under it.
    pub const BLANK_SUMMARY: &str =
        "All of it was read, and it holds nothing: there is no file to keep.";
    /// Title of the numbers.
    pub const NUMBERS: &str = "In numbers";
    /// Title of what to do.
    pub const NOW_WHAT: &str = "Now what";
    /// Row.
    pub const WRITTEN: &str = "Written";
    /// Row.
    pub const VERIFIED: &str = "Verified";
    /// Row.
    pub const TOOK: &str = "Took";
    /// Row.
    pub const BACKUP: &str = "Backup";
    /// Button behind the path of a backup.
    pub const SHOW_BACKUP: &str = "Show in folder";
    /// Row.
    pub const REPORTS: &str = "The probe reports";
    /// Title over what the probe is now.
    pub const NOW_IT_IS: &str = "What the probe is now";
    /// Title over steps.
    pub const WHAT_TO_DO: &str = "What to do";
    /// Name of the line to copy.
    pub const PRINTER_CFG: &str = "For printer.cfg, in [mcu scanner] or [scanner]";
    /// Name of the command that asks for the CAN line.
    pub const CAN_QUERY: &str = "On the printer, in a terminal";
    /// The command.
    pub const CAN_QUERY_COMMAND: &str =
        "~/klippy-env/bin/python ~/klipper/scripts/canbus_query.py can0";
}

/// Words of the practice bench.
pub mod bench {
    /// Title.
    pub const TITLE: &str = "Practice bench";
    /// Button.
    pub const PLUG_IN: &str = "Plug in (P)";
    /// Button.
    pub const UNPLUG: &str = "Unplug (P)";
    /// Button.
    pub fn hold(holes: bool) -> &'static str {
        if holes {
            "Bridge BT0 (B)"
        } else {
            "Hold BOOT0 (B)"
        }
    }
    /// Button, in the place of the one before.
    pub const LET_GO: &str = "Let go (B)";
    /// Button.
    pub const TAP: &str = "Tap RESET (R)";
    /// Button.
    pub const LEAVE: &str = "Leave practice";
    /// The same where there is little room.
    pub const LEAVE_SHORT: &str = "Leave";
}

/// Words of the settings.
pub mod settings {
    /// Title.
    pub const TITLE: &str = "Settings";
    /// Group.
    pub const LOOK: &str = "Look";
    /// Choice.
    pub const THEME: &str = "Theme";
    /// Its values.
    pub const THEMES: [&str; 3] = ["System", "Light", "Dark"];
    /// Choice.
    pub const TEXT: &str = "Text size";
    /// Its values.
    pub const TEXTS: [&str; 5] = ["80%", "100%", "125%", "150%", "200%"];
    /// Switch.
    pub const STILL: &str = "Pictures stand still";
    /// The system decides it.
    pub const STILL_ANYWAY: &str = "The system asks for less motion, so they do";
    /// Switch.
    pub const SOUND: &str = "Play a sound when a probe reaches DFU mode";
    /// Group.
    pub const SAFETY: &str = "Safety";
    /// Switch.
    pub const BACKUP: &str = "Back up the probe before every flash";
    /// Row.
    pub const FOLDER: &str = "Backups go to";
    /// Field, where no dialog opens.
    pub const FOLDER_PATH: &str = "Another folder for backups";
    /// Field, where no dialog opens.
    pub const CACHE_PATH: &str = "Another folder for downloaded firmware";
    /// Button.
    pub const CHOOSE_FOLDER: &str = "Choose folder…";
    /// Button.
    pub const DEFAULT_FOLDER: &str = "Use the default";
    /// Group.
    pub const FIRMWARE: &str = "Firmware";
    /// Switch.
    pub const OFFLINE: &str = "Work offline: never use the network";
    /// Switch.
    pub const LITE: &str =
        "Prefer lite firmware, for slow hosts such as Creality K1, Qidi or Raspberry Pi 2";
    /// Row.
    pub const KEPT: &str = "Downloaded";
    /// Row.
    pub const KEPT_IN: &str = "Kept in";
    /// Button.
    pub const CHOOSE_CACHE: &str = "Keep it elsewhere…";
    /// Button.
    pub const DEFAULT_CACHE: &str = "Keep it in the usual folder";
    /// Button.
    pub const REMOVE: &str = "Remove everything…";
    /// Why it cannot be pressed.
    pub const REMOVE_BUSY: &str = "Something is being read or downloaded right now";
    /// Field.
    pub const SOURCE: &str = "Source of firmware";
    /// Its hint.
    pub const SOURCE_HINT: &str = "The official source";
    /// Under it, when what was typed is not used.
    pub const SOURCE_BAD: &str =
        "Not used: this is not an address. It starts with https:// and names a server";
}

/// Words of the about page.
pub mod about {
    /// Title.
    pub const TITLE: &str = "About Carto Flasher";
    /// What it is.
    pub const WHAT: &str = "Puts firmware on Cartographer bed probes over USB, verifies every byte, and leaves the probe recoverable whatever happens.";
    /// Whose.
    pub const WHOSE: &str = "Not affiliated with Cartographer3D. MIT or Apache 2.0, as you like.";
    /// No spying.
    pub const PRIVACY: &str =
        "Nothing about you, your printer or your probe is ever sent anywhere.";
    /// Group.
    pub const KEYS: &str = "Keys";
    /// Keys.
    pub const TAB: &str = "Tab, Shift+Tab";
    /// What they do.
    pub const TAB_DOES: &str = "next and previous control";
    /// Keys.
    pub const PRESS: &str = "Enter or Space";
    /// What they do.
    pub const PRESS_DOES: &str = "press it";
    /// What this key does.
    pub const PRIMARY_DOES: &str = "the main button of the page";
    /// What this key does.
    pub const BACK_DOES: &str = "back";
    /// What this key does.
    pub const OPEN_DOES: &str = "open a firmware file";
    /// What this key does.
    pub const LOG_DOES: &str = "log";
    /// What this key does.
    pub const SETTINGS_DOES: &str = "settings";
    /// What this key does.
    pub const ESCAPE_DOES: &str = "close a page or a question";
    /// Row.
    pub const VERSION: &str = "Version";
    /// Row.
    pub const SYSTEM: &str = "System";
    /// Names what opens the list of works by others.
    pub fn licenses(count: usize) -> String {
        format!("Built from the work of others: {count} packages and their licenses")
    }
    /// Over that list.
    pub const LICENSE_TEXTS: &str = "The full texts come with the program, in third-party-licenses.txt. libusb is under the LGPL; everything that is needed to link against another is in this program's repository.";
    /// Field.
    pub const SEARCH_LICENSES: &str = "Search by name or license";
    /// Its hint.
    pub const SEARCH_HINT: &str = "Such as egui, or MPL";
    /// Instead of the list.
    pub const NO_LICENSE_FOUND: &str = "Nothing here has such a name or license.";
}
