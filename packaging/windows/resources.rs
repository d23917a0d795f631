//! Cargo's build script: gives each executable for Windows its icon, its version and its manifest. For every other
//! system it does nothing.
//!
//! The tool is the one that belongs to the linker: `windres` of MinGW, or `rc.exe` of the Windows SDK. If there is
//! none, the program is built without, with a warning; packages set `CARTO_FLASHER_RESOURCES=required`.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a build script talks to Cargo by printing, and a panic is how it fails"
)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Executables and what Windows shows of each, in Explorer and when it asks for administrator rights.
const EXECUTABLES: [(&str, &str); 3] = [
    ("carto-flasher", "Carto Flasher"),
    ("carto-flasher-cli", "Carto Flasher command line"),
    ("carto-flasher-winusb", "Carto Flasher driver helper"),
];

fn main() {
    println!("cargo:rerun-if-changed=packaging/windows/resources.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return;
    }
    for input in [
        "assets/icon/carto-flasher.ico",
        "packaging/windows/app.manifest",
    ] {
        println!("cargo:rerun-if-changed={input}");
    }
    println!("cargo:rerun-if-env-changed=CARTO_FLASHER_RESOURCES");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR"));
    for (name, description) in EXECUTABLES {
        let script = out.join(format!("{name}.rc"));
        std::fs::write(&script, resources(&root, name, description))
            .expect("OUT_DIR can be written");
        match compile(&script) {
            Ok(object) => println!("cargo:rustc-link-arg-bin={name}={}", object.display()),
            Err(why) if env::var("CARTO_FLASHER_RESOURCES").as_deref() == Ok("required") => {
                panic!("no icon, version and manifest for {name}: {why}");
            }
            Err(why) => {
                println!("cargo:warning=built without icon, version and manifest: {why}");
                return;
            }
        }
    }
}

/// The resources of one executable as a script (learn.microsoft.com, "About Resource Files", "VERSIONINFO resource").
fn resources(root: &Path, name: &str, description: &str) -> String {
    // Resource compilers take `\` for an escape, and `/` everywhere.
    let file = |path: &str| root.join(path).to_string_lossy().replace('\\', "/");
    let number = |part| variable(&format!("CARGO_PKG_VERSION_{part}"));
    let numbers = format!(
        "{},{},{},0",
        number("MAJOR"),
        number("MINOR"),
        number("PATCH")
    );
    let version = variable("CARGO_PKG_VERSION");
    let (icon, manifest) = (
        file("assets/icon/carto-flasher.ico"),
        file("packaging/windows/app.manifest"),
    );
    format!(
        r#"1 ICON "{icon}"
1 24 "{manifest}"
1 VERSIONINFO
FILEVERSION {numbers}
PRODUCTVERSION {numbers}
FILEFLAGSMASK 0x3f
FILEFLAGS 0
FILEOS 0x40004
FILETYPE 1
BEGIN
  BLOCK "StringFileInfo"
  BEGIN
    BLOCK "040904b0"
    BEGIN
      VALUE "CompanyName", "The carto-flasher developers"
      VALUE "FileDescription", "{description}"
      VALUE "FileVersion", "{version}"
      VALUE "InternalName", "{name}"
      VALUE "LegalCopyright", "MIT OR Apache-2.0"
      VALUE "OriginalFilename", "{name}.exe"
      VALUE "ProductName", "Carto Flasher"
      VALUE "ProductVersion", "{version}"
    END
  END
  BLOCK "VarFileInfo"
  BEGIN
    VALUE "Translation", 0x409, 1200
  END
END
"#
    )
}

/// Compiles the script to what the linker of this target takes.
fn compile(script: &Path) -> Result<PathBuf, String> {
    let (tool, object, mut command) = if env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        let arch = variable("CARGO_CFG_TARGET_ARCH");
        let native = variable("HOST") == variable("TARGET");
        let tool = if native {
            "windres".to_owned()
        } else {
            format!("{arch}-w64-mingw32-windres")
        };
        let object = script.with_extension("o");
        let mut command = Command::new(&tool);
        command
            .args(["-O", "coff", "-c", "65001", "-i"])
            .arg(script)
            .arg("-o")
            .arg(&object);
        (tool, object, command)
    } else {
        let tool = resource_compiler();
        let object = script.with_extension("res");
        let mut command = Command::new(&tool);
        command
            .args(["/nologo", "/c65001", "/fo"])
            .arg(&object)
            .arg(script);
        (tool.display().to_string(), object, command)
    };
    match command.status() {
        Ok(status) if status.success() => Ok(object),
        Ok(status) => Err(format!("{tool} ended with {status}")),
        Err(error) => Err(format!("{tool}: {error}")),
    }
}

/// `rc.exe` of the newest Windows SDK, or of the path.
fn resource_compiler() -> PathBuf {
    let kits = env::var_os("ProgramFiles(x86)")
        .map(|folder| PathBuf::from(folder).join("Windows Kits/10/bin"));
    let versions = kits.and_then(|kits| std::fs::read_dir(kits).ok());
    let mut tools: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("x64/rc.exe"))
        .filter(|tool| tool.is_file())
        .collect();
    tools.sort();
    tools.pop().unwrap_or_else(|| PathBuf::from("rc.exe"))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_missing| panic!("Cargo sets {name}"))
}
