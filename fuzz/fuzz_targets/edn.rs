#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| codeartifact_fuzz::feed("edn", bytes));
