//! Identifiers, shortened for narrow places.

/// Enough of an identifier to tell it from its neighbours: the last eight characters after an ellipsis. X-Ray's ids
/// begin with a time that neighbours share, hence the end. Short ids stay whole.
pub fn short(id: &str) -> String {
    let shown = 8;
    match id.char_indices().rev().nth(shown - 1) {
        Some((place, _)) if id.chars().count() > shown + 2 => {
            let mut text = String::from("…");
            text.push_str(&id[place..]);
            text
        }
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept() {
        for (id, expected) in [
            ("1-581cf771-a006649127e371903a2de978", "…3a2de978"),
            ("53995c3f42cd8ad8", "…42cd8ad8"),
            ("0123456789", "0123456789"),
            ("", ""),
            ("ääääääääääää", "…ääääääää"),
        ] {
            assert_eq!(short(id), expected);
        }
    }
}
