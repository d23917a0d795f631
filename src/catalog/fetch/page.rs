//! Web pages that come instead of files. Pure.

/// True for HTML: a login page of the network, or an error page, instead of the file.
pub(in crate::catalog) fn looks_like_web_page(bytes: &[u8]) -> bool {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<?xml"]
        .iter()
        .any(|tag| {
            start
                .get(..tag.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(tag))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_files() {
        for page in [
            "<!DOCTYPE html>",
            "\u{feff}\n <HTML lang=de>",
            "<head><title>",
            "<?xml version",
        ] {
            assert!(looks_like_web_page(page.as_bytes()), "{page}");
        }
        for file in ["", "<", "filepath,filename", "<htm"] {
            assert!(!looks_like_web_page(file.as_bytes()), "{file}");
        }
    }
}
