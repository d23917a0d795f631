//! `inspect`: what a file is.

use std::path::Path;

use carto_flasher::advice;
use carto_flasher::catalog::{Entry, embedded};
use carto_flasher::image::Image;
use serde_json::{Value, json};

use crate::args::Inspect;
use crate::exit::{Exit, Failure};
use crate::firmware::transport_json;
use crate::output::Output;

pub(crate) fn run(command: &Inspect, output: &mut Output) -> Result<(), Failure> {
    let image = read_image(&command.file)?;
    let facts = image.facts();
    output.say(&format!("{}: {}", image.name(), describe(&image)));
    output.say(&format!(
        "  chip      {} ({})",
        facts.mcu.label(),
        facts.mcu.boards_label()
    ));
    output.say(&format!("  address   {:#010x}", facts.link_address));
    output.say(&format!("  size      {} bytes", image.bytes().len()));
    output.say(&format!("  sha256    {}", image.sha256()));
    let entry = embedded::official(embedded::entries(), &image);
    output.say(&match &entry {
        Some(entry) => format!("  official  yes: {}", entry.id),
        None => {
            "  official  no: it is none of the files this program knows by their hash".to_owned()
        }
    });
    output.answer(|| json!({ "ok": true, "exit": 0, "code": "done", "image": to_json(&image, entry.as_deref()) }));
    Ok(())
}

/// Reads and checks a firmware file.
pub(crate) fn read_image(path: &Path) -> Result<Image, Failure> {
    Image::read_file(path)
        .map_err(|error| Failure::new(Exit::Refused, advice::for_image_error(&error)))
}

/// An image in a few words.
pub(crate) fn describe(image: &Image) -> String {
    let facts = image.facts();
    let version = facts
        .version
        .as_deref()
        .map(|version| format!(" \"{version}\""))
        .unwrap_or_default();
    let transport = facts
        .transport
        .map(|transport| format!(", {transport}"))
        .unwrap_or_default();
    format!(
        "{}{version} for {}{transport}",
        advice::role_label(facts.role),
        facts.mcu.boards_label()
    )
}

fn to_json(image: &Image, official: Option<&Entry>) -> Value {
    let facts = image.facts();
    let (transport, bitrate) = transport_json(facts.transport);
    json!({
        "name": image.name(),
        "role": facts.role,
        "mcu": facts.mcu,
        "link_address": format!("{:#010x}", facts.link_address),
        "transport": transport,
        "bitrate": bitrate,
        "version": facts.version,
        "variant": facts.variant,
        "size": image.bytes().len(),
        "sha256": image.sha256(),
        "official": official.map(|entry| &entry.id),
    })
}
