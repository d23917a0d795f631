//! Parts of a report that window and command line share. Pure.

use serde_json::Value;

use crate::advice;
use crate::catalog::Status;
use crate::doctor::Diagnosis;
use crate::settings::Settings;

/// Settings that name folders and servers: a report tells only that they are set.
const PRIVATE: [&str; 4] = ["backup_folder", "cache_folder", "source_url", "update_url"];

/// What the doctor found: each case with its words and what it was concluded from.
pub fn diagnosis_lines(diagnoses: &[Diagnosis]) -> Vec<String> {
    let mut lines = Vec::new();
    for diagnosis in diagnoses {
        let advice = advice::for_diagnosis(diagnosis);
        let device = diagnosis.device.as_ref();
        let device = device.map_or_else(String::new, |device| format!(" ({device})"));
        lines.push(format!("- {}: {}{device}", advice.code, advice.title));
        for evidence in &diagnosis.evidence {
            lines.push(format!("  {evidence:?}"));
        }
    }
    lines
}

/// The settings, without private things.
pub fn settings_lines(settings: &Settings) -> Vec<String> {
    let Ok(Value::Object(fields)) = serde_json::to_value(settings) else {
        return Vec::new();
    };
    let line = |(name, value): (String, Value)| match value {
        Value::Null => format!("{name}: default"),
        _ if PRIVATE.contains(&name.as_str()) => format!("{name}: set"),
        value => format!("{name}: {value}"),
    };
    fields.into_iter().map(line).collect()
}

/// How much firmware is on this computer, in one line.
pub fn firmware_fact(statuses: impl IntoIterator<Item = Status>) -> String {
    let (mut all, mut here, mut checked) = (0_usize, 0_usize, 0_usize);
    for status in statuses {
        all = all.saturating_add(1);
        here = here.saturating_add(usize::from(status >= Status::Present));
        checked = checked.saturating_add(usize::from(status == Status::Checked));
    }
    format!("{all} files known, {here} of them on this computer, {checked} checked since the start")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Situation;

    #[test]
    fn settings_are_told_without_private_things() {
        let settings = Settings {
            backup_folder: Some("/media/jane/probes".into()),
            cache_folder: Some("/media/jane/cache".into()),
            source_url: Some("https://jane.example/".into()),
            text_percent: 125,
            ..Settings::default()
        };
        let lines = settings_lines(&settings).join("\n");
        assert!(!lines.contains("jane"), "{lines}");
        for expected in [
            "backup_folder: set",
            "source_url: set",
            "text_percent: 125",
            "theme: \"system\"",
        ] {
            assert!(lines.contains(expected), "{expected} in\n{lines}");
        }
    }

    #[test]
    fn diagnoses_are_told_by_code_and_words() {
        let found = Diagnosis {
            device: None,
            situation: Situation::NoUsb,
            evidence: Vec::new(),
            repair: None,
        };
        let lines = diagnosis_lines(&[found]);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("- no_usb: "), "{lines:?}");
    }

    #[test]
    fn firmware_is_counted() {
        let statuses = [Status::NeedsDownload, Status::Present, Status::Checked];
        assert_eq!(
            firmware_fact(statuses),
            "3 files known, 2 of them on this computer, 1 checked since the start"
        );
    }
}
