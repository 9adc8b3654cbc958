//! Integer and float math. Integers wrap, as Go's `int64` does; decimals go through [`super::decimal`].

use gotmpl::{CallError, Function, pure, variadic};
use value::{List, Type, Value};

use super::arguments::{Outcome, any, int};
use super::conversion::{to_float, to_int};
use super::decimal::Decimal;

/// More numbers than this are taken for a mistake that would end in a lack of memory.
const MAX_SEQUENCE: i128 = 1 << 26;

pub(super) const FUNCTIONS: &[Function] = &[
    pure("add1", &[Type::Any], |arguments| Ok(Value::Int64(to_int(any(arguments, 0)).wrapping_add(1)))),
    variadic("add", &[Type::Any], |arguments| Ok(fold_integers(0, arguments, i64::wrapping_add))),
    pure("sub", &[Type::Any, Type::Any], |arguments| {
        Ok(Value::Int64(to_int(any(arguments, 0)).wrapping_sub(to_int(any(arguments, 1)))))
    }),
    pure("div", &[Type::Any, Type::Any], |arguments| divide(arguments, i64::wrapping_div)),
    pure("mod", &[Type::Any, Type::Any], |arguments| divide(arguments, i64::wrapping_rem)),
    variadic("mul", &[Type::Any, Type::Any], |arguments| Ok(fold_from_first(arguments, i64::wrapping_mul))),
    variadic("max", &[Type::Any, Type::Any], |arguments| Ok(fold_from_first(arguments, i64::max))),
    variadic("biggest", &[Type::Any, Type::Any], |arguments| Ok(fold_from_first(arguments, i64::max))),
    variadic("min", &[Type::Any, Type::Any], |arguments| Ok(fold_from_first(arguments, i64::min))),
    variadic("maxf", &[Type::Any, Type::Any], |arguments| Ok(fold_floats(arguments, go_max))),
    variadic("minf", &[Type::Any, Type::Any], |arguments| Ok(fold_floats(arguments, go_min))),
    pure("add1f", &[Type::Any], |arguments| {
        let one = Value::Int(1);
        fold_decimals(any(arguments, 0), std::slice::from_ref(&one), |a, b| Ok(a.add(&b)))
    }),
    variadic("addf", &[Type::Any], |arguments| {
        fold_decimals(&Value::Float64(0.0), arguments, |a, b| Ok(a.add(&b)))
    }),
    variadic("subf", &[Type::Any, Type::Any], |arguments| {
        fold_decimals(any(arguments, 0), rest(arguments), |a, b| Ok(a.sub(&b)))
    }),
    variadic("mulf", &[Type::Any, Type::Any], |arguments| {
        fold_decimals(any(arguments, 0), rest(arguments), |a, b| Ok(a.mul(&b)))
    }),
    variadic("divf", &[Type::Any, Type::Any], |arguments| {
        fold_decimals(any(arguments, 0), rest(arguments), |a, b| a.div(&b))
    }),
    pure("ceil", &[Type::Any], |arguments| Ok(Value::Float64(to_float(any(arguments, 0)).ceil()))),
    pure("floor", &[Type::Any], |arguments| Ok(Value::Float64(to_float(any(arguments, 0)).floor()))),
    variadic("round", &[Type::Any, Type::Int, Type::Float64], round),
    pure("until", &[Type::Int], |arguments| {
        let count = int(arguments, 0);
        integers(0, count, if count < 0 { -1 } else { 1 })
    }),
    pure("untilStep", &[Type::Int, Type::Int, Type::Int], |arguments| {
        integers(int(arguments, 0), int(arguments, 1), int(arguments, 2))
    }),
    variadic("seq", &[Type::Int], seq),
];

fn rest(arguments: &[Value]) -> &[Value] {
    arguments.get(1..).unwrap_or_default()
}

fn fold_integers(start: i64, values: &[Value], operation: fn(i64, i64) -> i64) -> Value {
    Value::Int64(values.iter().map(to_int).fold(start, operation))
}

fn fold_from_first(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Value {
    fold_integers(to_int(any(arguments, 0)), rest(arguments), operation)
}

fn fold_floats(arguments: &[Value], operation: fn(f64, f64) -> f64) -> Value {
    Value::Float64(rest(arguments).iter().map(to_float).fold(to_float(any(arguments, 0)), operation))
}

fn divide(arguments: &[Value], operation: fn(i64, i64) -> i64) -> Outcome {
    let divisor = to_int(any(arguments, 1));
    if divisor == 0 {
        return Err(CallError::message("runtime error: integer divide by zero"));
    }
    Ok(Value::Int64(operation(to_int(any(arguments, 0)), divisor)))
}

/// Returns Go's `math.Max`, which NaN wins unless there is an infinity.
fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

/// Returns Go's `math.Min`.
fn go_min(a: f64, b: f64) -> f64 {
    -go_max(-a, -b)
}

fn fold_decimals(
    first: &Value,
    others: &[Value],
    operation: fn(Decimal, Decimal) -> Result<Decimal, CallError>,
) -> Outcome {
    let mut result = Decimal::from_float(to_float(first))?;
    for other in others {
        result = operation(result, Decimal::from_float(to_float(other))?)?;
    }
    Ok(Value::Float64(result.to_float()))
}

/// Sprig's own rounding: half of the fraction's *sign* decides, so negative numbers round away from zero.
fn round(arguments: &mut [Value]) -> Outcome {
    let threshold = match arguments.get(2) {
        Some(Value::Float64(threshold)) => *threshold,
        _ => 0.5,
    };
    let power = power_of_ten(int(arguments, 1) as f64);
    let scaled = power * to_float(any(arguments, 0));
    let rounded = if scaled.fract() >= threshold { scaled.ceil() } else { scaled.floor() };
    Ok(Value::Float64(rounded / power))
}

/// Returns Go's `math.Pow(10, exponent)` for an integral exponent, with Go's order of rounding.
fn power_of_ten(exponent: f64) -> f64 {
    if exponent == 0.0 {
        return 1.0;
    }
    if exponent.abs() >= 9_223_372_036_854_775_808.0 {
        return if exponent > 0.0 { f64::INFINITY } else { 0.0 };
    }
    // 10 = 0.625 * 2^4: mantissas are multiplied apart from the powers of two.
    let (mut mantissa, mut power) = (1.0_f64, 0_i64);
    let (mut factor, mut factor_power) = (0.625_f64, 4_i64);
    let mut bits = exponent.abs() as i64;
    while bits != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&factor_power) {
            power += factor_power;
            break;
        }
        if bits & 1 == 1 {
            mantissa *= factor;
            power += factor_power;
        }
        factor *= factor;
        factor_power <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_power -= 1;
        }
        bits >>= 1;
    }
    if exponent < 0.0 {
        mantissa = 1.0 / mantissa;
        power = -power;
    }
    times_power_of_two(mantissa, power)
}

/// Returns Go's `math.Ldexp`.
fn times_power_of_two(mut number: f64, mut power: i64) -> f64 {
    while power > 1000 && number.is_finite() {
        number *= f64::from_bits((1000 + 1023) << 52);
        power -= 1000;
    }
    while power < -1000 && number != 0.0 {
        number *= f64::from_bits((1023 - 1000) << 52);
        power += 1000;
    }
    let power = power.clamp(-1000, 1000);
    number * f64::from_bits(((power + 1023) as u64) << 52)
}

/// Returns the `[]int` from `start` up (or down) to but without `stop`.
fn integers(start: i64, stop: i64, step: i64) -> Outcome {
    let items = range(start, stop, step)?.map(Value::Int).collect();
    Ok(Value::List(List::typed(Type::IntList, items)))
}

/// Returns the numbers from `start` to but without `stop`; none if the step leads elsewhere or nowhere.
fn range(start: i64, stop: i64, step: i64) -> Result<impl Iterator<Item = i64>, CallError> {
    let distance = i128::from(stop) - i128::from(start);
    let step = i128::from(step);
    let leads_there = if distance < 0 { step < 0 } else { step > 0 };
    let count = if leads_there { (distance.abs() + step.abs() - 1) / step.abs() } else { 0 };
    if count > MAX_SEQUENCE {
        return Err(CallError::message("runtime error: out of memory"));
    }
    Ok((0..count).map(move |index| (i128::from(start) + index * step) as i64))
}

/// Prints a range, both ends included, with blanks between: `seq 3`, `seq 2 4`, `seq 0 2 6`.
fn seq(arguments: &mut [Value]) -> Outcome {
    let (start, step, end) = match arguments.len() {
        1 => (1, None, int(arguments, 0)),
        2 => (int(arguments, 0), None, int(arguments, 1)),
        3 => (int(arguments, 0), Some(int(arguments, 1)), int(arguments, 2)),
        _ => return Ok(Value::from("")),
    };
    let direction = if end < start { -1 } else { 1 };
    if direction < 0 && step.is_some_and(|step| step > 0) {
        return Ok(Value::from(""));
    }
    let mut text = String::new();
    for number in range(start, end.wrapping_add(direction), step.unwrap_or(direction))? {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&number.to_string());
    }
    Ok(Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_as_go_computes_them() {
        for (exponent, power) in [(0.0, 1.0), (2.0, 100.0), (-2.0, 0.01), (22.0, 1e22), (-3.0, 0.001)] {
            assert_eq!(power_of_ten(exponent), power);
        }
        assert_eq!(power_of_ten(400.0), f64::INFINITY);
        assert_eq!(power_of_ten(-400.0), 0.0);
    }

    #[test]
    fn a_sequence_ends_at_the_limits_of_integers() {
        let numbers = |start, stop, step| range(start, stop, step).map(|range| range.collect::<Vec<_>>());
        assert_eq!(numbers(i64::MAX - 2, i64::MAX, 5).unwrap(), [i64::MAX - 2]);
        assert_eq!(numbers(i64::MIN, i64::MAX, i64::MAX).unwrap(), [i64::MIN, -1, i64::MAX - 1]);
        assert_eq!(numbers(3, 0, -2).unwrap(), [3, 1]);
        assert!(numbers(3, 0, 1).unwrap().is_empty());
        assert!(numbers(0, i64::MAX, 1).is_err());
    }
}
