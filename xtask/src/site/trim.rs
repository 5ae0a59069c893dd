//! Takes out of the bound page what nothing in it uses, and shortens the names that its two halves call each other by.
//!
//! A dependency of leptos exports JavaScript classes that this page never makes; wasm-bindgen keeps every export. The
//! names of imports carry a hash of 16 digits, which no compressor can shorten: 7 kB of the page.
//!
//! The JavaScript is known by its shape: wasm-bindgen writes one declaration after another, each beginning in the first
//! column, and the imports as one object with an entry to a line or several.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result};
use walrus::{ExportItem, Module, passes};

use super::bind::Bound;

/// The page without what it does not use.
pub(crate) fn trim(bound: &Bound) -> Result<Bound> {
    let js = std::str::from_utf8(&bound.js).context("wasm-bindgen's JavaScript is no text")?;
    let js = without_unused(&without_classes(js));
    let used: HashSet<&str> = words(&js).collect();
    let mut module = Module::from_buffer(&bound.wasm).context("cannot read the bound module")?;
    let unused = module
        .exports
        .iter()
        .filter(|export| matches!(export.item, ExportItem::Function(_)) && !used.contains(export.name.as_str()));
    for export in unused.map(walrus::Export::id).collect::<Vec<_>>() {
        module.exports.delete(export);
    }
    passes::gc::run(&mut module);
    let imported: HashSet<&str> = module.imports.iter().map(|import| import.name.as_str()).collect();
    let js = without_imports(&js, &imported);
    let names: HashMap<String, String> =
        module.imports.iter().enumerate().map(|(place, import)| (import.name.clone(), format!("i{place}"))).collect();
    for import in module.imports.iter_mut() {
        import.name.clone_from(&names[&import.name]);
    }
    Ok(Bound { js: renamed(&js, &names).into_bytes(), wasm: module.emit_wasm() })
}

/// The words of a program: names, keywords, also those inside strings and comments.
fn words(js: &str) -> impl Iterator<Item = &str> {
    js.split(|letter: char| !is_of_word(letter)).filter(|word| !word.is_empty())
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$'
}

/// The program in pieces that begin in the first column; joined they are the program.
fn pieces(js: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in js.split_inclusive('\n') {
        let begins = line.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if begins && at > start {
            pieces.push(&js[start..at]);
            start = at;
        }
        at += line.len();
    }
    pieces.push(&js[start..]);
    pieces
}

/// What a piece declares.
fn declares(piece: &str) -> Option<&str> {
    let rest = piece.strip_prefix("async ").unwrap_or(piece);
    let rest = ["function ", "const ", "let ", "export class "].iter().find_map(|word| rest.strip_prefix(word))?;
    rest.split(|letter: char| !is_of_word(letter)).next().filter(|name| !name.is_empty())
}

/// Without exported classes, and what serves them alone.
fn without_classes(js: &str) -> String {
    let pieces = pieces(js);
    let classes: Vec<&str> =
        pieces.iter().filter(|piece| piece.starts_with("export class ")).filter_map(|piece| declares(piece)).collect();
    let serves = |piece: &str| {
        let of = |class: &&str| piece.starts_with(&format!("if (Symbol.dispose) {class}.prototype"));
        let name = declares(piece).unwrap_or_default();
        classes.contains(&name)
            || name.strip_suffix("Finalization").is_some_and(|class| classes.contains(&class))
            || classes.iter().any(of)
    };
    pieces.iter().filter(|piece| !serves(piece)).copied().collect()
}

/// Without declarations that nothing mentions.
fn without_unused(js: &str) -> String {
    let mut pieces = pieces(js);
    loop {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for word in pieces.iter().flat_map(|piece| words(piece).collect::<HashSet<_>>()) {
            *counts.entry(word).or_default() += 1;
        }
        let before = pieces.len();
        pieces.retain(|piece| declares(piece).is_none_or(|name| counts.get(name).is_some_and(|count| *count > 1)));
        if pieces.len() == before {
            return pieces.concat();
        }
    }
}

/// Without the entries of imports that the module does not have.
fn without_imports(js: &str, imported: &HashSet<&str>) -> String {
    let mut kept = String::with_capacity(js.len());
    let mut is_kept = true;
    for line in js.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let entry = line.trim_start().split_once(": function(").map(|(name, _)| name);
        match entry.filter(|name| indent == 8 && words(name).eq([*name])) {
            Some(name) => is_kept = imported.contains(name),
            None if indent < 8 && !line.trim().is_empty() => is_kept = true,
            None => {}
        }
        if is_kept {
            kept.push_str(line);
        }
    }
    kept
}

fn renamed(js: &str, names: &HashMap<String, String>) -> String {
    let mut renamed = String::with_capacity(js.len());
    let mut rest = js;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !is_of_word(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        renamed.push_str(names.get(word).map_or(word, String::as_str));
        let next = after.find(is_of_word).unwrap_or(after.len());
        renamed.push_str(&after[..next]);
        rest = &after[next..];
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    const JS: &str = "\
export class Source {
    free() {
        wasm.__wbg_source_free(SourceFinalization, Kind);
    }
}
if (Symbol.dispose) Source.prototype[Symbol.dispose] = Source.prototype.free;
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg_log_0123456789abcdef: function(arg0) {
            console.log(used(arg0));
        },
        __wbg_close_89ab: function() { return handleError(function (arg0) {
            arg0.close();
        }, arguments); },
    };
    return { \"./app_bg.js\": import0 };
}
const Kind = [\"bytes\"];
const SourceFinalization = (typeof FinalizationRegistry === 'undefined')
    ? {} : new FinalizationRegistry(ptr => wasm.__wbg_source_free(ptr, 1));
function used(it) {
    return it;
}
function handleError(f) {
    return f();
}
async function start() {
    (await load(__wbg_get_imports())).main();
}
export { start as default };
";

    #[test]
    fn what_nothing_uses_goes_and_names_become_short() -> Result<()> {
        assert_eq!(pieces(JS).concat(), JS);
        let wasm = {
            let mut module = Module::default();
            let kind = module.types.add(&[], &[]);
            let (log, _) = module.add_import_func("./app_bg.js", "__wbg_log_0123456789abcdef", kind);
            let (close, _) = module.add_import_func("./app_bg.js", "__wbg_close_89ab", kind);
            let mut exported = |name: &str, calls| {
                let mut function = walrus::FunctionBuilder::new(&mut module.types, &[], &[]);
                function.func_body().call(calls);
                let function = function.finish(Vec::new(), &mut module.funcs);
                module.exports.add(name, function);
            };
            exported("main", log);
            exported("__wbg_source_free", close);
            module.emit_wasm()
        };
        let trimmed = trim(&Bound { js: JS.as_bytes().to_vec(), wasm })?;
        let module = Module::from_buffer(&trimmed.wasm)?;
        let imports: Vec<&str> = module.imports.iter().map(|import| import.name.as_str()).collect();
        let exports: Vec<&str> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!((imports, exports), (vec!["i0"], vec!["main"]));
        assert_eq!(
            String::from_utf8(trimmed.js)?,
            "\
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        i0: function(arg0) {
            console.log(used(arg0));
        },
    };
    return { \"./app_bg.js\": import0 };
}
function used(it) {
    return it;
}
function handleError(f) {
    return f();
}
async function start() {
    (await load(__wbg_get_imports())).main();
}
export { start as default };
"
        );
        Ok(())
    }
}
