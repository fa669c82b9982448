//! What holds for every value and every expression.

use codeartifact::output::{Format, Printer, Query};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,6}",
        "[ -~]{0,100}",
        "[é日 \u{301}\u{1f600}\u{7f}\u{85}\u{2028}\u{feff}\r\n\t:#'\"-]{0,30}",
        any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|float| Number::from_f64(float).map_or(Value::Null, Value::Number)),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Expressions that mostly parse, put together from parts that do.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z]{1,2}",
        Just("@".to_string()),
        Just("*".to_string()),
        Just("[]".to_string()),
        "\\[-?[0-9]{0,2}:-?[0-9]{0,2}:-?[0-9]?\\]",
        "`[0-9]{1,3}`",
        "'[a-z]{0,3}'",
        Just("`[[1, 2.5], [\"a\", null]]`".to_string()),
    ];
    leaf.prop_recursive(6, 30, 3, |inner| {
        let function = prop::sample::select(vec![
            "abs",
            "avg",
            "ceil",
            "contains",
            "ends_with",
            "floor",
            "join",
            "keys",
            "length",
            "map",
            "max",
            "max_by",
            "merge",
            "min",
            "min_by",
            "not_null",
            "reverse",
            "sort",
            "sort_by",
            "starts_with",
            "sum",
            "to_array",
            "to_number",
            "to_string",
            "type",
            "values",
        ]);
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}.{b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} | {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[?{b} < {a}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} || !{b} && {a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {{k: {b}}}][]")),
            (function.clone(), inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (function.clone(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b)| format!("{f}({a}, &{b})")),
            (function, inner.clone(), inner).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        ]
    })
}

fn printed(format: Format, colour: bool, value: &Value) -> Option<String> {
    let mut out = Vec::new();
    let printer = Printer::new(format, None, colour, "ListPackages");
    printer.whole(value, &mut out).ok()?;
    Some(String::from_utf8(out).expect("what is printed is UTF-8"))
}

proptest! {
    #[test]
    fn no_value_upsets_a_format(value in value(), colour: bool) {
        for format in Format::ALL {
            printed(format, colour, &value);
            let printer = Printer::new(format, None, colour, "ListPackages");
            let _ = printer.page(&value, &mut Vec::new());
        }
    }

    #[test]
    fn json_reads_back_as_it_was(value in value()) {
        let printed = printed(Format::Json, false, &value).unwrap();
        if value.as_object().is_some_and(Map::is_empty) {
            prop_assert_eq!(printed, "");
        } else {
            prop_assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
        }
    }

    #[test]
    fn a_table_has_straight_borders(rows in prop::collection::vec("[a-z]{0,60}", 1..20), columns in 1_usize..5) {
        let rows: Vec<Vec<String>> = rows.chunks_exact(columns).map(<[_]>::to_vec).collect();
        let table = printed(Format::Table, false, &serde_json::json!({"rows": rows})).unwrap();
        let widths: Vec<usize> = table.lines().map(str::len).collect();
        prop_assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{}", table);
    }

    #[test]
    fn text_has_a_line_for_each_record(names in prop::collection::vec("[a-z]{1,9}", 1..20)) {
        let records: Vec<Value> = names.iter().map(|name| serde_json::json!({"b": 1, "a": name})).collect();
        let text = printed(Format::Text, false, &serde_json::json!({"records": records})).unwrap();
        let expected: String = names.iter().map(|name| format!("RECORDS\t{name}\t1\n")).collect();
        prop_assert_eq!(text, expected);
    }

    #[test]
    fn no_expression_upsets_the_parser(expression in text()) {
        let _ = Query::parse(&expression);
    }

    #[test]
    fn no_expression_upsets_the_evaluation(expression in expression(), value in value()) {
        if let Ok(query) = Query::parse(&expression) {
            let _ = query.search(&value);
        }
    }
}

#[test]
fn deep_nesting_is_refused_and_wide_chains_are_not() {
    for deep in ["(", "[", "!", "a[?", "{a: ", "& ", "length(", "a.*."] {
        let error = Query::parse(&deep.repeat(100_000)).unwrap_err();
        assert!(error.message.contains("levels deep"), "{deep}");
    }
    for deep in ["[]", " == a", "[*]", ".*", "[?a]"] {
        let expression = format!("a{}", deep.repeat(100_000));
        let error = Query::parse(&expression).unwrap_err();
        assert!(error.message.contains("levels deep"), "{deep}");
    }
    for wide in [".a", " || a", " && a", " | a", "[0]"] {
        let expression = format!("a{}", wide.repeat(5_000));
        let query = Query::parse(&expression).unwrap();
        assert!(
            query.search(&serde_json::json!({})).unwrap().is_null(),
            "{wide}"
        );
    }
}
