//! Pictures as plain data, and what can be made of them: SVG as text, and a canvas, of which a PNG is made.

use wasm_bindgen::{JsCast as _, closure::Closure};

use super::{canvas::Canvas, save::save_blob};

/// A picture: shapes and texts in CSS pixels, from the bottom to the top.
pub(crate) struct Picture {
    /// The width in CSS pixels.
    pub(crate) width: f64,
    /// The height in CSS pixels.
    pub(crate) height: f64,
    /// What it shows, for those who do not see it.
    pub(crate) title: String,
    /// The family of its letters, as in CSS.
    pub(crate) family: String,
    pub(crate) items: Vec<Item>,
}

/// Something that is drawn.
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// Where the shape's origin stands, or the text's left end on its base line, in CSS pixels.
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// As in CSS.
    pub(crate) colour: String,
    /// 0 (nothing to be seen) to 1.
    pub(crate) alpha: f64,
}

/// What kind of thing it is.
pub(crate) enum Kind {
    /// A path as SVG writes it, filled.
    Filled { path: String, scale: f64 },
    /// The line of a path; its width in the path's own units.
    Line { path: String, scale: f64, width: f64, dashed: bool },
    /// Some words.
    Text { text: String, font: Font },
}

/// Letters.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Font {
    /// In CSS pixels.
    pub(crate) size: u32,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
}

impl Font {
    /// As CSS writes it, with a family.
    pub(crate) fn css(self, family: &str) -> String {
        let style = if self.italic { "italic " } else { "" };
        let weight = if self.bold { "600 " } else { "" };
        [style, weight, &self.size.to_string(), "px ", family].concat()
    }
}

/// The dashes of a line, drawn and left out, in the path's own units.
pub(super) const DASH: (f64, f64) = (3.0, 2.0);

impl Picture {
    /// The picture as an SVG document: it needs nothing but itself, and has no style sheet and no script.
    pub(crate) fn svg(&self) -> String {
        let (width, height) = (number(self.width), number(self.height));
        let mut svg = Svg(String::with_capacity(self.items.len() * 120));
        svg.0.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" fill-rule=\"evenodd\"");
        svg.attribute("width", &width);
        svg.attribute("height", &height);
        svg.attribute("viewBox", &["0 0 ", &width, " ", &height].concat());
        svg.attribute("font-family", &self.family);
        svg.0.push_str("><title>");
        svg.text(&self.title);
        svg.0.push_str("</title>\n");
        for item in &self.items {
            svg.item(item);
        }
        svg.0.push_str("</svg>\n");
        svg.0
    }

    /// Lets the user save it as PNG, with at least two pixels a CSS pixel.
    pub(crate) fn save_png(&self, name: String) {
        let Some(canvas) = Canvas::apart(self.width, self.height) else { return };
        for item in &self.items {
            canvas.item(item, &self.family);
        }
        // Called once; the browser lets it go with the canvas.
        let keep = Closure::once_into_js(move |blob: wasm_bindgen::JsValue| {
            if let Some(blob) = blob.dyn_ref() {
                save_blob(&name, blob);
            }
        });
        canvas.blob(keep.unchecked_ref());
    }
}

/// A number with at most two decimals: neither `-0` nor an exponent.
pub(crate) fn number(value: f64) -> String {
    let hundredths = (value * 100.0).round() as i64;
    let size = hundredths.unsigned_abs();
    let mut text = String::from(if hundredths < 0 { "-" } else { "" });
    text.push_str(&(size / 100).to_string());
    let rest = size % 100;
    if rest > 0 {
        text.push_str(if rest < 10 { ".0" } else { "." });
        text.push_str(&(if rest.is_multiple_of(10) { rest / 10 } else { rest }).to_string());
    }
    text
}

struct Svg(String);

impl Svg {
    fn attribute(&mut self, name: &str, value: &str) {
        for part in [" ", name, "=\""] {
            self.0.push_str(part);
        }
        self.text(value);
        self.0.push('"');
    }

    /// Text or an attribute's value. What XML 1.0 does not allow is left out.
    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\t' | '\n' | '\r' => self.0.push(' '),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
                _ => self.0.push(letter),
            }
        }
    }

    fn item(&mut self, item: &Item) {
        let (x, y) = (number(item.x), number(item.y));
        let at = |scale: f64| {
            let mut at = ["translate(", &x, " ", &y, ")"].concat();
            if scale < 1.0 {
                at.push_str(&["scale(", &number(scale), ")"].concat());
            }
            at
        };
        let opacity = number(item.alpha);
        match &item.kind {
            Kind::Filled { path, scale } => {
                self.0.push_str("<path");
                self.attribute("transform", &at(*scale));
                self.attribute("d", path);
                self.attribute("fill", &item.colour);
            }
            Kind::Line { path, scale, width, dashed } => {
                self.0.push_str("<path fill=\"none\"");
                self.attribute("transform", &at(*scale));
                self.attribute("d", path);
                self.attribute("stroke", &item.colour);
                self.attribute("stroke-width", &number(*width));
                if *dashed {
                    self.attribute("stroke-dasharray", &[number(DASH.0), number(DASH.1)].join(" "));
                }
            }
            Kind::Text { font, .. } => {
                self.0.push_str("<text");
                self.attribute("x", &x);
                self.attribute("y", &y);
                self.attribute("fill", &item.colour);
                self.attribute("font-size", &font.size.to_string());
                if font.bold {
                    self.attribute("font-weight", "600");
                }
                if font.italic {
                    self.attribute("font-style", "italic");
                }
            }
        }
        if opacity != "1" {
            self.attribute("opacity", &opacity);
        }
        if let Kind::Text { text, .. } = &item.kind {
            self.0.push('>');
            self.text(text);
            self.0.push_str("</text>\n");
        } else {
            self.0.push_str("/>\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in
            [(0.0, "0"), (-0.001, "0"), (1.0, "1"), (0.875, "0.88"), (2.5, "2.5"), (-3.04, "-3.04"), (1e7, "10000000")]
        {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn foreign_text_stays_text() {
        let evil = "</text><script>alert('1')</script>\u{0}\u{1b}\u{fffe}\u{ffff}\tü \"&amp;\"";
        let font = Font { size: 13, bold: true, italic: false };
        let text = Item {
            kind: Kind::Text { text: evil.to_owned(), font },
            x: 1.5,
            y: 2.0,
            colour: "red".to_owned(),
            alpha: 0.4,
        };
        let line = Kind::Line { path: "M0 0h5".to_owned(), scale: 0.875, width: 1.4, dashed: true };
        let line = Item { kind: line, x: 3.0, y: 4.0, colour: "\"/><b".to_owned(), alpha: 1.0 };
        let picture = Picture {
            width: 10.0,
            height: 20.0,
            title: evil.to_owned(),
            family: "\"Segoe UI\", sans-serif".to_owned(),
            items: vec![text, line],
        };
        expect![[r#"
            <svg xmlns="http://www.w3.org/2000/svg" role="img" fill-rule="evenodd" width="10" height="20" viewBox="0 0 10 20" font-family="&quot;Segoe UI&quot;, sans-serif"><title>&lt;/text&gt;&lt;script&gt;alert('1')&lt;/script&gt; ü &quot;&amp;amp;&quot;</title>
            <text x="1.5" y="2" fill="red" font-size="13" font-weight="600" opacity="0.4">&lt;/text&gt;&lt;script&gt;alert('1')&lt;/script&gt; ü &quot;&amp;amp;&quot;</text>
            <path fill="none" transform="translate(3 4)scale(0.88)" d="M0 0h5" stroke="&quot;/&gt;&lt;b" stroke-width="1.4" stroke-dasharray="3 2"/>
            </svg>
        "#]].assert_eq(&picture.svg());
    }
}
