//! SQL laid out to be read: a line for each clause. Nothing but white space between words changes.
//!
//! Written here and not taken from a library: those for it bring regular expressions, or parsers of whole dialects, into
//! the page, and refuse what they do not know.

/// Words that begin a line of their own.
const CLAUSES: [&str; 22] = [
    "select",
    "from",
    "where",
    "group",
    "order",
    "having",
    "limit",
    "offset",
    "union",
    "intersect",
    "except",
    "values",
    "set",
    "returning",
    "insert",
    "update",
    "delete",
    "with",
    "left",
    "right",
    "inner",
    "full",
];
/// Words that begin a line within a clause.
const PARTS: [&str; 3] = ["and", "or", "on"];

/// Lays a statement out. Quoted text, names and comments stay as they are; deeper queries are indented.
///
/// Parameters, functions and unknown words stay where they are, whatever the dialect.
pub fn pretty(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + sql.len() / 4);
    // For each open parenthesis whether a query is in it.
    let mut open: Vec<bool> = Vec::new();
    let (mut former, mut between) = (String::new(), false);
    for token in tokens(sql) {
        let word = token.to_ascii_lowercase();
        let depth = open.iter().filter(|is_query| **is_query).count();
        if token == ")" {
            between = false;
            if open.pop() == Some(true) {
                line(&mut text, depth.saturating_sub(1) * 2);
            }
        }
        let is_plain = open.last() == Some(&false);
        let joins =
            word == "join" && !["left", "right", "inner", "full", "outer", "cross", "natural"].contains(&&*former);
        // `LEFT(x, 1)` and `x IN (VALUES …)` are not clauses.
        let begins = CLAUSES.contains(&&*word) && !(former == "delete" && word == "from") && former != "for";
        if former == "(" && matches!(&*word, "select" | "with" | "values") {
            if let Some(last) = open.last_mut() {
                *last = true;
            }
            line(&mut text, (depth + 1) * 2);
        } else if !is_plain && !text.is_empty() && (begins || joins) {
            line(&mut text, depth * 2);
        } else if !is_plain && PARTS.contains(&&*word) && former != "between" && !is_between(&text, &word) {
            line(&mut text, depth * 2 + 2);
        } else if between && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
        text.push_str(token);
        if token == "(" {
            open.push(false);
        }
        between = false;
        if token.starts_with("--") {
            line(&mut text, depth * 2);
        }
        former = word;
        // The tokens are slices of the statement: what follows this one tells whether there was space.
        let end = token.as_ptr() as usize + token.len() - sql.as_ptr() as usize;
        between |= sql[end..].starts_with(char::is_whitespace);
    }
    text.truncate(text.trim_end().len());
    text
}

/// Whether an `AND` belongs to the `BETWEEN` before it.
fn is_between(text: &str, word: &str) -> bool {
    if word != "and" {
        return false;
    }
    let line = text.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase();
    let words = || line.split_whitespace();
    words().any(|word| word == "between") && !words().skip_while(|word| *word != "between").any(|word| word == "and")
}

fn line(text: &mut String, indent: usize) {
    text.truncate(text.trim_end_matches(' ').len());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.extend(std::iter::repeat_n(' ', indent.min(40)));
}

/// Words, quoted texts, comments and signs; without the white space between them.
fn tokens(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let until = |end: &str, from: usize| rest.get(from..)?.find(end).map(|at| from + at + end.len());
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => until("*/", 2).unwrap_or(rest.len()),
            _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$' | '@' | ':' | '?')
}

/// How many bytes a quoted text has; a doubled quote is part of it, and so is what a backslash stands before.
fn quoted(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_clause_has_a_line() {
        for (sql, expected) in [
            ("", ""),
            ("SELECT 1", "SELECT 1"),
            (
                "select a, count(*) from t left join u on t.id=u.id and u.x = ? where a between 1 and 2 and b in (1, 2) or c group by a order by 2 limit 10",
                "select a, count(*)\nfrom t\nleft join u\n  on t.id=u.id\n  and u.x = ?\nwhere a between 1 and 2\n  and b in (1, 2)\n  or c\ngroup by a\norder by 2\nlimit 10",
            ),
            (
                "SELECT * FROM (SELECT id FROM t WHERE x = 'a  from b') q WHERE id > $1",
                "SELECT *\nFROM (\n  SELECT id\n  FROM t\n  WHERE x = 'a  from b'\n) q\nWHERE id > $1",
            ),
            ("insert into t (a, b) values (?, ?) returning id", "insert into t (a, b)\nvalues (?, ?)\nreturning id"),
            ("UPDATE t SET a = 1 -- why\nWHERE b", "UPDATE t\nSET a = 1 -- why\nWHERE b"),
            ("delete from t where a = 'it''s'", "delete from t\nwhere a = 'it''s'"),
            ("BEGIN", "BEGIN"),
        ] {
            assert_eq!(pretty(sql), expected, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn only_white_space_changes(sql in "[a-zA-Z \\(\\)'\"`\\-/*#,é\n.]{0,80}") {
            let bare = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&pretty(&sql)), bare(&sql));
        }

        #[test]
        fn words_stay_apart(words in proptest::collection::vec("(select|from|x|and|or|\\(|\\)|'a  b'|on|join)", 0..30)) {
            let sql = words.join(" ");
            let split = |text: &str| tokens(text).map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(split(&pretty(&sql)), split(&sql));
        }
    }
}
