//! Programs that keep a probe's port or its bootloader open, by the names of their executables.

/// Executables on Windows, in lower case, and what people call them.
const KNOWN: [(&str, &str); 14] = [
    ("arduino ide.exe", "Arduino IDE"),
    ("arduino.exe", "Arduino IDE"),
    ("putty.exe", "PuTTY"),
    ("ttermpro.exe", "Tera Term"),
    ("pronterface.exe", "Pronterface"),
    ("repetierhost.exe", "Repetier-Host"),
    ("ultimaker-cura.exe", "Cura"),
    ("prusa-slicer.exe", "PrusaSlicer"),
    ("orca-slicer.exe", "OrcaSlicer"),
    ("superslicer.exe", "SuperSlicer"),
    ("stm32cubeprogrammer.exe", "STM32CubeProgrammer"),
    ("stm32_programmer_cli.exe", "STM32CubeProgrammer"),
    ("dfuse demonstration.exe", "DfuSe"),
    ("dfu-util.exe", "dfu-util"),
];

/// Those of these executables that are known, each once, in the order of the list above.
pub fn known<'a>(executables: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let running: Vec<String> = executables
        .into_iter()
        .map(str::to_ascii_lowercase)
        .collect();
    let mut names: Vec<String> = Vec::new();
    for (executable, name) in KNOWN {
        let runs = running.iter().any(|running| running == executable);
        if runs && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_once_whatever_the_case() {
        let running = [
            "explorer.exe",
            "STM32_Programmer_CLI.exe",
            "STM32CubeProgrammer.exe",
            "PUTTY.EXE",
            "putty.exe.bak",
        ];
        assert_eq!(known(running), ["PuTTY", "STM32CubeProgrammer"]);
        assert!(known([]).is_empty());
    }
}
