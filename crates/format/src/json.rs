//! JSON text laid out for reading.

/// Deeper levels are not indented further: 100,000 levels would take ten billion spaces.
const DEEPEST_INDENT: usize = 40;

/// JSON laid out over lines, and whether it had to be cut.
#[derive(Clone, PartialEq, Eq)]
pub struct Pretty {
    /// The text.
    pub text: String,
    /// It ends before the JSON does.
    pub cut: bool,
}

/// Lays JSON out with two spaces a level, in one pass over the text: numbers keep every digit, strings their escapes,
/// members their order and their duplicates. At most `limit` bytes of output (and the rest of one string or number).
///
/// What is not JSON comes out with its tokens in order; nothing is judged here.
pub fn pretty(json: &str, limit: usize) -> Pretty {
    let mut text = String::with_capacity((json.len() + json.len() / 2).min(limit.saturating_add(64)));
    let mut level = 0_usize;
    let mut rest = json.trim_start();
    while let Some(first) = rest.bytes().next() {
        if text.len() >= limit {
            return Pretty { text, cut: true };
        }
        let length = token_length(rest, first);
        let (token, after) = rest.split_at(length);
        rest = after.trim_start();
        match first {
            b'{' | b'[' => {
                text.push_str(token);
                level += 1;
                if !rest.starts_with(['}', ']']) {
                    new_line(&mut text, level);
                }
            }
            b'}' | b']' => {
                level = level.saturating_sub(1);
                if !text.ends_with(['{', '[']) {
                    new_line(&mut text, level);
                }
                text.push_str(token);
            }
            b',' => {
                text.push(',');
                new_line(&mut text, level);
            }
            b':' => text.push_str(": "),
            _ => text.push_str(token),
        }
    }
    Pretty { text, cut: false }
}

/// The bytes of the token that the text begins with; at least one character.
fn token_length(text: &str, first: u8) -> usize {
    let bytes = text.as_bytes();
    match first {
        b'"' => {
            let mut place = 1;
            while let Some(&byte) = bytes.get(place) {
                match byte {
                    b'"' => return place + 1,
                    b'\\' => place += 2,
                    _ => place += 1,
                }
            }
            bytes.len()
        }
        b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
        _ => text.find(['{', '}', '[', ']', ',', ':', '"', ' ', '\n', '\r', '\t']).map_or(text.len(), |end| end.max(1)),
    }
}

fn new_line(text: &mut String, level: usize) {
    text.push('\n');
    for _ in 0..level.min(DEEPEST_INDENT) {
        text.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn numbers_and_order_stay_as_they_are() {
        let json =
            r#" {"b":1.790158405E9,"a":[1,2.50,{"x":"a \"{,\\"}],"b":{} ,"e":[ ],"n":null,"big":12345678901234567890}"#;
        let expected = r#"{
  "b": 1.790158405E9,
  "a": [
    1,
    2.50,
    {
      "x": "a \"{,\\"
    }
  ],
  "b": {},
  "e": [],
  "n": null,
  "big": 12345678901234567890
}"#;
        assert!(pretty(json, usize::MAX) == Pretty { text: expected.to_owned(), cut: false });
    }

    #[test]
    fn a_limit_is_kept_and_said() {
        let json = format!("[{}1]", "1,".repeat(1_000));
        let cut = pretty(&json, 100);
        assert!(cut.cut && cut.text.len() < 120, "{}", cut.text.len());
        assert!(!pretty(&json, 1_000_000).cut);
    }

    #[test]
    fn depth_costs_no_stack_and_no_square() {
        let json = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(pretty(&json, usize::MAX).text.len() < 20_000_000);
    }

    proptest! {
        #[test]
        fn it_means_the_same(json in r#"[\[\]{}:, "a1é\\\\]{0,40}"#) {
            if let Ok(value) = serde_json::from_str::<Value>(&json) {
                prop_assert_eq!(serde_json::from_str::<Value>(&pretty(&json, usize::MAX).text).unwrap(), value);
            }
        }

        #[test]
        fn strings_survive(text in any::<String>()) {
            let json = serde_json::to_string(&vec![&text]).unwrap();
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&pretty(&json, usize::MAX).text).unwrap(), [text]);
        }

        #[test]
        fn noise_never_panics(noise in any::<String>()) {
            let kept: String = pretty(&noise, usize::MAX).text;
            prop_assert!(noise.is_empty() || kept.len() < noise.len() * 90 + 10);
        }
    }
}
