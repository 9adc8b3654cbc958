//! Which styles a string may be written in (emitterc.go, `yaml_emitter_analyze_scalar`).

use super::chars::{at, break_len, is_blank_or_end, width};
use super::emit::Flavour;

/// A way to write a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What a string contains that excludes a style.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Analysis {
    indicator: bool,
    breaks: bool,
    special: bool,
    tab: bool,
    leading_space: bool,
    leading_break: bool,
    trailing_space: bool,
    trailing_break: bool,
    break_before_space: bool,
    space_before_break: bool,
}

impl Analysis {
    /// Looks at every character of a string.
    pub(super) fn of(text: &[u8], flavour: Flavour) -> Self {
        let mut found =
            Analysis { indicator: text.starts_with(b"---") || text.starts_with(b"..."), ..Self::default() };
        let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
        let mut offset = 0;
        let mut next_block = 1;
        while offset < text.len() {
            if offset >= next_block {
                next_block = offset + BLOCK;
                if let Some(last) = found.pass_blocks(text, &mut offset, after_space, after_break) {
                    (after_space, after_break) = (last == b' ', last == b'\n');
                    after_blank = after_space || after_break;
                    next_block = offset + BLOCK;
                }
            }
            let is_first = offset == 0;
            match at(text, offset) {
                b' ' => {
                    found.leading_space |= is_first;
                    found.trailing_space |= offset + 1 == text.len();
                    found.break_before_space |= after_break;
                    (after_space, after_break, after_blank) = (true, false, true);
                    offset += 1;
                    continue;
                }
                b'\n' => {
                    found.breaks = true;
                    found.leading_break |= is_first;
                    found.trailing_break |= offset + 1 == text.len();
                    found.space_before_break |= after_space;
                    (after_space, after_break, after_blank) = (false, true, true);
                    offset += 1;
                    continue;
                }
                byte if !is_first && means_nothing(byte) => {
                    let rest = text.get(offset..).unwrap_or_default();
                    offset += rest.iter().position(|byte| !means_nothing(*byte)).unwrap_or(rest.len());
                    (after_space, after_break, after_blank) = (false, false, false);
                    continue;
                }
                _ => {}
            }
            let byte = at(text, offset);
            let next = offset + width(byte).max(1);
            let is_last = next >= text.len();
            let before_blank = is_last || matches!(at(text, next), b' ' | b'\t');
            found.indicator |= is_indicator(byte, offset == 0, after_blank, before_blank);
            if byte == b'\t' && flavour == Flavour::V3 {
                found.tab = true;
            } else {
                found.special |= !is_printable(text, offset);
            }
            let is_break = break_len(text, offset) > 0;
            if is_break {
                found.breaks = true;
                found.leading_break |= offset == 0;
                found.trailing_break |= is_last;
                found.space_before_break |= after_space;
            }
            (after_space, after_break) = (false, is_break);
            after_blank = is_blank_or_end(text, offset);
            offset = next;
        }
        found
    }

    /// Passes over whole blocks, as long as they hold nothing that must be looked at one by one, and returns the last
    /// character passed over. A character is left behind them, so that none of them is the last.
    fn pass_blocks(
        &mut self,
        text: &[u8],
        offset: &mut usize,
        after_space: bool,
        after_break: bool,
    ) -> Option<u8> {
        let mut last = None;
        while let Some(window) = text.get(*offset..).and_then(|rest| rest.first_chunk()) {
            let block = Block::of(window);
            if block.is_difficult || (block.has_sign && !self.indicator) {
                break;
            }
            if last.is_none() {
                self.break_before_space |= after_break && window[0] == b' ';
                self.space_before_break |= after_space && window[0] == b'\n';
            }
            self.breaks |= block.has_break;
            self.break_before_space |= block.break_before_space;
            self.space_before_break |= block.space_before_break;
            last = Some(window[BLOCK - 1]);
            *offset += BLOCK;
        }
        last
    }

    /// Returns the styles that are possible (emitterc.go, `yaml_emitter_select_scalar_style`).
    pub(super) fn fitness(&self, text: &[u8], in_flow: bool, is_simple_key: bool) -> Fitness {
        let at_ends = self.leading_space || self.leading_break || self.trailing_space || self.trailing_break;
        let single_quoted = !(self.break_before_space || self.space_before_break || self.special || self.tab);
        let has_flow_sign =
            text.iter().any(|byte| matches!(byte, b',' | b'?' | b'[' | b']' | b'{' | b'}' | b':'));
        let is_bare = text.is_empty() || (in_flow && has_flow_sign);
        let plain = single_quoted
            && !at_ends
            && !self.breaks
            && !self.indicator
            && !(is_bare && (in_flow || is_simple_key));
        let block = !(text.is_empty() || self.trailing_space || self.space_before_break || self.special);
        Fitness { plain, single_quoted, block: block && !in_flow && !is_simple_key }
    }

    /// Returns the style to use.
    pub(super) fn style(&self, text: &[u8], may_be_plain: bool, is_simple_key: bool) -> Style {
        let at_ends = self.leading_space || self.leading_break || self.trailing_space || self.trailing_break;
        let single_allowed =
            !(self.break_before_space || self.space_before_break || self.special || self.tab);
        let plain_allowed = single_allowed && !at_ends && !self.breaks && !self.indicator;
        let literal_allowed =
            !(text.is_empty() || self.trailing_space || self.space_before_break || self.special);
        if text.contains(&b'\n') {
            return if literal_allowed && !is_simple_key { Style::Literal } else { Style::DoubleQuoted };
        }
        match (may_be_plain, plain_allowed, single_allowed) {
            (false, ..) | (true, false, false) => Style::DoubleQuoted,
            (true, true, _) => Style::Plain,
            (true, false, true) => Style::SingleQuoted,
        }
    }
}

/// How many characters are looked at together.
const BLOCK: usize = 32;

/// What is seen in a block of characters wherever they stand in it.
struct Block {
    /// Whether there are others than those of ASCII that are written as they are, and line feeds.
    is_difficult: bool,
    /// Whether there is a `#` or a `:`.
    has_sign: bool,
    has_break: bool,
    break_before_space: bool,
    space_before_break: bool,
}

impl Block {
    /// Looks at characters and the one behind them. There are no jumps in the loop, so that the compiler takes many
    /// characters at a time.
    fn of(window: &[u8; BLOCK + 1]) -> Self {
        let (mut difficult, mut signs, mut breaks) = (0, 0, 0);
        let (mut break_before_space, mut space_before_break) = (0, 0);
        for (byte, next) in window.iter().zip(&window[1..]) {
            let (is_space, is_break) = (u8::from(*byte == b' '), u8::from(*byte == b'\n'));
            difficult |= u8::from(byte.wrapping_sub(b' ') > b'~' - b' ') & (is_break ^ 1);
            signs |= u8::from(*byte == b'#') | u8::from(*byte == b':');
            breaks |= is_break;
            break_before_space |= is_break & u8::from(*next == b' ');
            space_before_break |= is_space & u8::from(*next == b'\n');
        }
        Block {
            is_difficult: difficult != 0,
            has_sign: signs != 0,
            has_break: breaks != 0,
            break_before_space: break_before_space != 0,
            space_before_break: space_before_break != 0,
        }
    }
}

/// Which styles a string may be written in at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitness {
    pub(super) plain: bool,
    pub(super) single_quoted: bool,
    pub(super) block: bool,
}

/// Returns whether a character behind the first is written as it is in every style.
#[inline]
fn means_nothing(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E) && !matches!(byte, b'#' | b':')
}

/// Returns whether a character would mean something to a reader of a plain scalar.
#[inline]
fn is_indicator(byte: u8, is_first: bool, after_blank: bool, before_blank: bool) -> bool {
    match byte {
        b'#' => is_first || after_blank,
        b':' => before_blank,
        b'?' | b'-' => is_first && before_blank,
        b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
        | b'`' => is_first,
        _ => false,
    }
}

/// Returns whether the character at an offset is written as it is (yamlprivateh.go, `is_printable`).
#[inline]
pub(super) fn is_printable(text: &[u8], offset: usize) -> bool {
    match at(text, offset) {
        0x0A | 0x20..=0x7E | 0xC3..=0xEC | 0xEE => true,
        0xC2 => at(text, offset + 1) >= 0xA0,
        0xED => at(text, offset + 1) < 0xA0,
        0xEF => {
            let rest = (at(text, offset + 1), at(text, offset + 2));
            !matches!(rest, (0xBB, 0xBF) | (0xBF, 0xBE | 0xBF))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Analysis, BLOCK, Flavour};

    /// Long texts are looked at in blocks; the same ones with another beginning have their blocks elsewhere.
    #[test]
    fn what_a_long_text_holds_does_not_depend_on_where_blocks_begin() {
        let pieces = [
            " ",
            "\n",
            "\n ",
            " \n",
            "\t",
            "\r",
            "\u{85}",
            "\u{2028} ",
            "é",
            "a: b",
            "#",
            " #x",
            "\u{1}",
            "x",
        ];
        for piece in pieces {
            for place in 1..2 * BLOCK + 2 {
                for tail in ["", "z", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"] {
                    let text = format!("{}{piece}{tail}", "y".repeat(place));
                    let short = format!("y{piece}{}", tail.get(..1).unwrap_or_default());
                    for flavour in [Flavour::V2, Flavour::V3] {
                        let expected = Analysis::of(short.as_bytes(), flavour);
                        assert_eq!(Analysis::of(text.as_bytes(), flavour), expected, "{text:?}");
                    }
                }
            }
        }
    }
}
