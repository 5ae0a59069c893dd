//! Maps to numbers, of one type for each kind of key: every further type of map would bring another copy of its code
//! into the page.

use std::collections::BTreeMap;

/// Numbers by 64 bits.
#[derive(Clone, Debug, Default)]
pub struct Numbers(BTreeMap<u64, u32>);

impl Numbers {
    /// The number of a key.
    pub fn get(&self, key: u64) -> Option<u32> {
        self.0.get(&key).copied()
    }

    /// The number of a key: the present one, or this one from now on.
    pub fn get_or_insert(&mut self, key: u64, number: u32) -> u32 {
        *self.0.entry(key).or_insert(number)
    }

    /// Gives a key another number.
    pub fn set(&mut self, key: u64, number: u32) {
        self.0.insert(key, number);
    }

    /// All of them, by key.
    pub fn in_order(&self) -> impl Iterator<Item = (u64, u32)> {
        self.0.iter().map(|(key, number)| (*key, *number))
    }
}

/// Texts, each with a number, in the order in which they are first seen.
#[derive(Clone, Debug, Default)]
pub struct Texts(BTreeMap<Box<str>, u32>);

impl Texts {
    /// The number of a text; the next one where it was not seen before.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.get(text) {
            return number;
        }
        let number = self.0.len() as u32;
        self.0.insert(text.into(), number);
        number
    }

    /// The number of a text that was seen before.
    pub fn get(&self, text: &str) -> Option<u32> {
        self.0.get(text).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them in alphabetical order, with their numbers.
    pub fn in_order(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(text, number)| (&**text, *number))
    }

    /// All of them by their numbers.
    pub fn list(&self) -> Vec<&str> {
        let mut list = vec![""; self.0.len()];
        for (text, number) in self.in_order() {
            list[number as usize] = text;
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_numbers_in_the_order_of_their_coming() {
        let mut texts = Texts::default();
        let numbers: Vec<u32> = ["b", "a", "b", "", "a"].map(|text| texts.number(text)).to_vec();
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!((texts.list(), texts.get("c"), texts.len()), (vec!["b", "a", ""], None, 3));
        assert_eq!(texts.in_order().collect::<Vec<_>>(), [("", 2), ("a", 1), ("b", 0)]);
    }

    #[test]
    fn a_key_keeps_its_number_until_it_is_given_another() {
        let mut numbers = Numbers::default();
        assert_eq!((numbers.get_or_insert(7, 1), numbers.get_or_insert(7, 2)), (1, 1));
        numbers.set(7, 3);
        numbers.set(5, 4);
        assert_eq!(numbers.in_order().collect::<Vec<_>>(), [(5, 4), (7, 3)]);
    }
}
