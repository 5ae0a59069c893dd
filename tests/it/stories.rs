//! What a person does with Roentgen, from the first address to the answer.
