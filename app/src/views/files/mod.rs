//! Traces from files: how to open some, what could not be read, and the list of traces to choose from. Drawn on bare
//! elements; the page hears what is done with them.

mod choice;
mod list;

pub(crate) use self::{
    choice::draw as draw_choice,
    list::{PAGE, draw as draw_list, draw_bar},
};

/// The attribute that says what a button does.
pub(crate) const DOES: &str = "data-does";
