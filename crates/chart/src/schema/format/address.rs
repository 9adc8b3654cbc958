//! IP addresses in the words of Go's `net/netip` and of the validator.

use crate::schema::text;

/// Checks four decimals (jsonschema, `validateIPV4`).
pub(crate) fn ipv4(address: &str) -> Result<(), String> {
    let groups: Vec<&str> = address.split('.').collect();
    if groups.len() != 4 {
        return Err("expected four decimals".to_owned());
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return Err("leading zeros".to_owned());
        }
        if !(0..=255).contains(&decimal(group)?) {
            return Err("decimal must be between 0 and 255".to_owned());
        }
    }
    Ok(())
}

/// Reads a number as Go's `strconv.Atoi`.
fn decimal(digits: &str) -> Result<i64, String> {
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let fault = |what: &str| Err(format!("strconv.Atoi: parsing {}: {what}", text::go_quote(digits)));
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return fault("invalid syntax");
    }
    digits.parse().or_else(|_| fault("value out of range"))
}

/// Checks an IPv6 address without zone (jsonschema, `validateIPV6`).
pub(crate) fn ipv6(address: &str) -> Result<(), String> {
    if !address.contains(':') {
        return Err("missing colon".to_owned());
    }
    match parse(address)? {
        Address { zone: true, .. } => Err("zone id is not a part of ipv6 address".to_owned()),
        _ => Ok(()),
    }
}

/// What an address turned out to be.
pub(crate) struct Address {
    pub(crate) four: bool,
    zone: bool,
}

/// Reads an address as Go's `netip.ParseAddr`.
pub(crate) fn parse(address: &str) -> Result<Address, String> {
    match address.find(['.', ':', '%']).and_then(|at| address.get(at..)?.chars().next()) {
        Some('.') => four(address, address).map(|()| Address { four: true, zone: false }),
        Some(':') => six(address).map(|zone| Address { four: false, zone }),
        Some(_) => Err(fault(address, "missing IPv6 address", "")),
        None => Err(fault(address, "unable to parse IP", "")),
    }
}

fn fault(address: &str, what: &str, at: &str) -> String {
    let at = if at.is_empty() { String::new() } else { format!(" (at {})", text::go_quote(at)) };
    format!("ParseAddr({}): {what}{at}", text::go_quote(address))
}

/// Reads the four decimals that `part` of the whole address holds.
fn four(address: &str, part: &str) -> Result<(), String> {
    let (mut value, mut digits, mut dots) = (0_u32, 0, 0);
    let mut previous = None;
    for (at, found) in part.char_indices() {
        let rest = part.get(at..).unwrap_or_default();
        match found.to_digit(10) {
            Some(digit) => {
                if digits == 1 && value == 0 {
                    return Err(fault(address, "IPv4 field has octet with leading zero", ""));
                }
                value = value * 10 + digit;
                digits += 1;
                if value > 255 {
                    return Err(fault(address, "IPv4 field has value >255", ""));
                }
            }
            None if found == '.' => {
                if at == 0 || rest.len() == 1 || previous == Some('.') {
                    return Err(fault(address, "IPv4 field must have at least one digit", rest));
                }
                if dots == 3 {
                    return Err(fault(address, "IPv4 address too long", ""));
                }
                (value, digits, dots) = (0, 0, dots + 1);
            }
            None => return Err(fault(address, "unexpected character", rest)),
        }
        previous = Some(found);
    }
    if dots < 3 { Err(fault(address, "IPv4 address too short", "")) } else { Ok(()) }
}

/// Reads a colon-separated address; says whether it has a zone.
fn six(address: &str) -> Result<bool, String> {
    let (mut rest, zone) = match address.split_once('%') {
        Some((_, "")) => return Err(fault(address, "zone must be a non-empty string", "")),
        Some((rest, _)) => (rest, true),
        None => (address, false),
    };
    let mut ellipsis = false;
    if let Some(after) = rest.strip_prefix("::") {
        (ellipsis, rest) = (true, after);
        if rest.is_empty() {
            return Ok(zone);
        }
    }
    let mut bytes = 0;
    while bytes < 16 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return Err(fault(address, "each group must have 4 or less digits", rest));
        }
        if digits == 0 {
            return Err(fault(address, "each colon-separated field must have at least one digit", rest));
        }
        let after = rest.get(digits..).unwrap_or_default();
        if after.starts_with('.') {
            embedded_four(address, rest, bytes, ellipsis)?;
            (rest, bytes) = ("", bytes + 4);
            break;
        }
        (rest, bytes) = (after, bytes + 2);
        if rest.is_empty() {
            break;
        }
        rest = next_group(address, rest, &mut ellipsis)?;
        if rest.is_empty() {
            break;
        }
    }
    if !rest.is_empty() {
        return Err(fault(address, "trailing garbage after address", rest));
    }
    match (bytes < 16, ellipsis) {
        (true, false) => Err(fault(address, "address string too short", "")),
        (false, true) => Err(fault(address, "the :: must expand to at least one field of zeros", "")),
        _ => Ok(zone),
    }
}

fn embedded_four(address: &str, rest: &str, bytes: usize, ellipsis: bool) -> Result<(), String> {
    if !ellipsis && bytes != 12 {
        let what = "embedded IPv4 address must replace the final 2 fields of the address";
        return Err(fault(address, what, rest));
    }
    if bytes > 12 {
        let what = "too many hex fields to fit an embedded IPv4 at the end of the address";
        return Err(fault(address, what, rest));
    }
    four(address, rest)
}

fn next_group<'a>(address: &str, rest: &'a str, ellipsis: &mut bool) -> Result<&'a str, String> {
    let Some(after) = rest.strip_prefix(':') else {
        return Err(fault(address, "unexpected character, want colon", rest));
    };
    if after.is_empty() {
        return Err(fault(address, "colon must be followed by more characters", rest));
    }
    let Some(beyond) = after.strip_prefix(':') else { return Ok(after) };
    if *ellipsis {
        return Err(fault(address, "multiple :: in address", after));
    }
    *ellipsis = true;
    Ok(beyond)
}
