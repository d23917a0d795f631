//! The icon in the title bar and the task bar. Without one eframe shows its own.

use egui::IconData;

/// The same drawing as in every package (packaging/icons/build).
const PNG: &[u8] = include_bytes!("../../assets/icon/carto-flasher-256.png");

/// The icon, if it can be decoded: the window opens without it all the same.
pub(super) fn app_icon() -> Option<IconData> {
    let picture = image::load_from_memory_with_format(PNG, image::ImageFormat::Png).ok()?;
    let rgba = picture.into_rgba8();
    Some(IconData {
        width: rgba.width(),
        height: rgba.height(),
        rgba: rgba.into_raw(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_and_not_blank() {
        let icon = app_icon().unwrap();
        assert_eq!((icon.width, icon.height), (256, 256));
        assert_eq!(icon.rgba.len(), 256 * 256 * 4);
        assert!(icon.rgba.chunks(4).any(|pixel| pixel[3] == 255));
        assert!(icon.rgba.chunks(4).any(|pixel| pixel[3] == 0));
    }
}
