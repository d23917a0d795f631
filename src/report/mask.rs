//! What a report does not tell: serial numbers, and whose home it is. Pure but for asking where home is.

/// How many digits of a serial number stay readable: enough to tell two probes apart.
const SERIAL_DIGITS_SHOWN: usize = 4;
/// Shorter serials are constants or tell nobody apart.
const SERIAL_DIGITS_SECRET: usize = 12;
/// Hex digits of the unique id of an STM32, of the serial its ROM makes of it, and of Klipper's canbus_uuid
/// (boards-and-firmware.md §1, §6): masked wherever they stand alone, even if no such device is known.
const ID_DIGITS: [usize; 2] = [24, 12];

/// The end of a serial number, for telling two probes apart without giving it away.
pub fn mask_serial(serial: &str) -> String {
    let serial = serial.trim();
    let count = serial.chars().count();
    if count < SERIAL_DIGITS_SECRET {
        return serial.to_owned();
    }
    let shown: String = serial
        .chars()
        .skip(count.saturating_sub(SERIAL_DIGITS_SHOWN))
        .collect();
    format!("…{shown}")
}

/// Masks these serial numbers, everything that looks like one, and the home folder, wherever they stand in `text`.
pub fn mask_text<'a>(text: &str, serials: impl IntoIterator<Item = &'a str>) -> String {
    mask(text, serials, home().as_deref())
}

fn mask<'a>(text: &str, serials: impl IntoIterator<Item = &'a str>, home: Option<&str>) -> String {
    let mut masked = text.to_owned();
    for serial in serials {
        if serial.chars().count() >= SERIAL_DIGITS_SECRET {
            masked = masked.replace(serial, &mask_serial(serial));
        }
    }
    masked = mask_ids(&masked);
    let Some(home) = home.filter(|home| home.len() > 1) else {
        return masked;
    };
    // As the Debug text of a Windows path has it, too.
    let escaped = home.replace('\\', r"\\");
    masked = masked.replace(home, "~").replace(&escaped, "~");
    // The name stands in other places as well, such as /media/jane or /run/user.
    let name = home.rsplit(['/', '\\']).next().unwrap_or_default();
    for slash in ['/', '\\'] {
        if !name.is_empty() {
            masked = masked.replace(
                &format!("{slash}{name}{slash}"),
                &format!("{slash}~{slash}"),
            );
        }
    }
    masked
}

/// Masks words of exactly as many hex digits as an id has.
fn mask_ids(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex && ID_DIGITS.contains(&word.len()) {
            out.push_str(&mask_serial(word));
        } else {
            out.push_str(word);
        }
        word.clear();
    };
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            word.push(character);
        } else {
            flush(&mut word, &mut out);
            out.push(character);
        }
    }
    flush(&mut word, &mut out);
    out
}

fn home() -> Option<String> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_the_end_and_leave_what_is_short() {
        let rows = [
            ("2A0041001850325035363220", "…3220"),
            ("FFFFFFFEFFFF", "…FFFF"),
            ("STM32", "STM32"),
            ("", ""),
        ];
        for (serial, masked) in rows {
            assert_eq!(mask_serial(serial), masked);
        }
    }

    #[test]
    fn ids_are_masked_and_other_numbers_stay_readable() {
        let rows = [
            ("id 2A0041001850325035363220.", "id …3220."),
            ("canbus_uuid: 0a1b2c3d4e5f", "canbus_uuid: …4e5f"),
            ("_2057364B4E41-if00", "_…4E41-if00"),
            (
                "0x08002000 20260101T120000 0123456789a",
                "0x08002000 20260101T120000 0123456789a",
            ),
            ("0123456789abx", "0123456789abx"),
        ];
        for (text, masked) in rows {
            assert_eq!(mask_ids(text), masked);
        }
        let sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(mask_ids(sha), sha);
    }

    #[test]
    fn the_home_folder_and_whose_it_is_are_not_told() {
        let rows = [
            ("/home/jane", "read /home/jane/fw.bin", "read ~/fw.bin"),
            (
                "/home/jane",
                "on /media/jane/STICK/a.bin",
                "on /media/~/STICK/a.bin",
            ),
            (r"C:\Users\jane", r"C:\Users\jane\a", r"~\a"),
            (
                r"C:\Users\jane",
                r#"path: "C:\\Users\\jane\\a""#,
                r#"path: "~\\a""#,
            ),
            ("/", "/tmp/x", "/tmp/x"),
        ];
        for (home, text, masked) in rows {
            assert_eq!(mask(text, [], Some(home)), masked);
        }
    }
}
