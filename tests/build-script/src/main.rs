//! A build script as a program, so that tests can see what it says and how it ends.

fn main() {
    if let Some(schema) = std::env::args().nth(1) {
        qapi_codegen::build(schema);
    }
}
