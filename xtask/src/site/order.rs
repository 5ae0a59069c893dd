//! Puts functions that look alike beside each other: brotli then says "as just now" in fewer bits. 3 % of the page.
//!
//! The compiler makes one function of the same source for each type, and leaves them far from each other. A chain is laid
//! from each function to the one that shares most of its runs of bytes, until all are in it.

use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
};

use anyhow::{Context as _, Result};
use wasm_encoder::{
    CodeSection, FunctionSection,
    reencode::{self, Reencode},
};
use wasmparser::{FunctionBody, Parser, Payload, TypeRef};

/// A run that stands in more functions than this says nothing about them.
const COMMON: usize = 400;

/// The same module, its functions in another order.
pub(super) fn order(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut types, mut bodies) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("cannot read the module")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::FunctionSection(functions) => types = functions.into_iter().collect::<Result<_, _>>()?,
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    let chain = chain(&bodies.iter().map(FunctionBody::as_bytes).collect::<Vec<_>>());
    let mut places: Vec<u32> = vec![0; bodies.len()];
    for (place, function) in chain.iter().enumerate() {
        places[*function] = imported + u32::try_from(place)?;
    }
    let mut module = wasm_encoder::Module::new();
    let mut moved = Moved { imported, places, chain, types, bodies };
    moved.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    Ok(module.finish())
}

/// The runs of four bytes in a function, each once, as numbers.
fn runs(body: &[u8]) -> Vec<u32> {
    let mut runs: Vec<u32> = body.windows(4).filter_map(|run| Some(u32::from_le_bytes(*run.first_chunk()?))).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// Each function once, beside one that it shares much with.
fn chain(bodies: &[&[u8]]) -> Vec<usize> {
    let runs: Vec<Vec<u32>> = bodies.iter().map(|body| runs(body)).collect();
    let mut having: HashMap<u32, Vec<usize>> = HashMap::new();
    for (function, runs) in runs.iter().enumerate() {
        for run in runs {
            having.entry(*run).or_default().push(function);
        }
    }
    having.retain(|_, functions| functions.len() <= COMMON);
    let mut left: BTreeSet<usize> = (0..bodies.len()).collect();
    let mut chain: Vec<usize> = Vec::with_capacity(bodies.len());
    while let Some(first) = left.first() {
        let nearest = chain.last().and_then(|last| {
            let mut shared: HashMap<usize, usize> = HashMap::new();
            for function in runs[*last].iter().filter_map(|run| having.get(run)).flatten() {
                if left.contains(function) {
                    *shared.entry(*function).or_default() += 1;
                }
            }
            let share = |(function, shared): (usize, usize)| {
                (shared as f64 / (runs[*last].len() + runs[function].len() - shared) as f64, function)
            };
            shared.into_iter().map(share).max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
        });
        let next = nearest.map_or(*first, |(_, function)| function);
        left.remove(&next);
        chain.push(next);
    }
    chain
}

/// A module whose functions stand elsewhere.
struct Moved<'a> {
    imported: u32,
    /// Where each function goes, counted with the imported ones.
    places: Vec<u32>,
    /// Which function comes at each place.
    chain: Vec<usize>,
    types: Vec<u32>,
    bodies: Vec<FunctionBody<'a>>,
}

impl Reencode for Moved<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        let own = function.checked_sub(self.imported).and_then(|own| self.places.get(own as usize));
        Ok(own.copied().unwrap_or(function))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for function in &self.chain {
            functions.function(self.types[*function]);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, _: FunctionBody<'_>) -> Result<(), reencode::Error> {
        // Asked for one after another; the place decides, not what stood there.
        let body = self.bodies[self.chain[code.len() as usize]].clone();
        reencode::utils::parse_function_body(self, code, body)
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{ExportKind, ExportSection, Function, Module, TypeSection, ValType};
    use wasmparser::Operator;

    use super::*;

    #[test]
    fn functions_that_look_alike_become_neighbours_and_calls_still_reach_them() -> Result<()> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        module.section(&types);
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        let mut add = |write: &dyn Fn(&mut Function)| {
            let mut function = Function::new([]);
            write(&mut function);
            function.instructions().end();
            functions.function(0);
            code.function(&function);
        };
        let alike = |number: i32| {
            move |function: &mut Function| {
                function.instructions().i32_const(70_000).i32_const(number).i32_add().i32_const(90_000).i32_mul();
            }
        };
        add(&alike(1));
        add(&|function| {
            function.instructions().f64_const(2.0.into()).f64_sqrt().f64_abs().i32_trunc_sat_f64_s();
        });
        add(&alike(2));
        add(&|function| {
            function.instructions().call(0).call(1).i32_sub().call(2).i32_sub();
        });
        module.section(&functions);
        let mut exports = ExportSection::new();
        exports.export("sum", ExportKind::Func, 3);
        module.section(&exports);
        module.section(&code);

        let ordered = order(&module.finish())?;
        let (mut bodies, mut exported) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&ordered) {
            match payload? {
                Payload::CodeSectionEntry(body) => {
                    bodies.push(body.get_operators_reader()?.into_iter().collect::<Result<Vec<_>, _>>()?);
                }
                Payload::ExportSection(section) => {
                    exported = section
                        .into_iter()
                        .map(|export| export.map(|export| export.index))
                        .collect::<Result<_, _>>()?;
                }
                _ => {}
            }
        }
        // The first stays, and its like comes next to it.
        assert_eq!(bodies[0].len(), bodies[1].len());
        let sum = &bodies[exported[0] as usize];
        let begins: Vec<&Operator<'_>> = sum
            .iter()
            .filter_map(|operator| match operator {
                Operator::Call { function_index } => Some(&bodies[*function_index as usize][0]),
                _ => None,
            })
            .collect();
        assert!(
            matches!(begins[..], [Operator::I32Const { .. }, Operator::F64Const { .. }, Operator::I32Const { .. }]),
            "{begins:?}"
        );
        Ok(())
    }
}
