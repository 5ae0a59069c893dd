//! Texts as cells of a table in CSV (RFC 4180).

/// A text in quotes. One that a spreadsheet would take for a formula gets an apostrophe before it.
pub fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    ["\"", guard, &text.replace('"', "\"\""), "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        assert_eq!(cell("plain, \"text\""), "\"plain, \"\"text\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
    }
}
