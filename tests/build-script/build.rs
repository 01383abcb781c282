//! Generates the bindings of a schema.

fn main() {
    qapi_codegen::build("schema/kettle.json");
}
