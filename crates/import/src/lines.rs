//! Numbers of lines, counted along from one place of a text to the next.

/// Counts forwards alone: places are asked for in their order.
pub(crate) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// The lines of a text whose first one has this number.
    pub(crate) fn new(text: &'a str, line: u64) -> Self {
        Self { text, at: 0, line }
    }

    /// The line of a byte, or that of the last one asked for, if it is not before that.
    pub(crate) fn at(&mut self, byte: usize) -> u64 {
        let passed = self.text.as_bytes().get(self.at..byte).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.at += passed.len();
        self.line
    }

    /// The line of a part of the text.
    pub(crate) fn of(&mut self, part: &str) -> u64 {
        self.at((part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize))
    }
}
