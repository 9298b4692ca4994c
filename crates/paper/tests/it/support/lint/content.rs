//! Reads content streams and ToUnicode maps.

use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Number(f64),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Operand>),
    Other,
}

impl Operand {
    pub fn name(&self) -> Option<&str> {
        match self {
            Operand::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn strings(&self) -> impl Iterator<Item = &[u8]> {
        let parts = match self {
            Operand::Array(parts) => parts.as_slice(),
            own => std::slice::from_ref(own),
        };
        parts.iter().filter_map(|part| match part {
            Operand::Text(text) => Some(text.as_slice()),
            _ => None,
        })
    }
}

#[derive(Debug)]
pub struct Operation {
    pub operator: String,
    pub operands: Vec<Operand>,
}

pub fn operations(content: &[u8]) -> Vec<Operation> {
    let mut reader = Reader { content, at: 0 };
    let mut operations = Vec::new();
    let mut operands = Vec::new();
    while let Some(token) = reader.token() {
        match token {
            Token::Operand(operand) => operands.push(operand),
            Token::Word(operator) => operations.push(Operation {
                operator,
                operands: std::mem::take(&mut operands),
            }),
            Token::End => {}
        }
    }
    operations
}

enum Token {
    Operand(Operand),
    Word(String),
    /// The end of an array.
    End,
}

struct Reader<'c> {
    content: &'c [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.content.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn token(&mut self) -> Option<Token> {
        while self.peek()?.is_ascii_whitespace() {
            self.at += 1;
        }
        Some(match self.next()? {
            b'(' => Token::Operand(Operand::Text(self.literal())),
            b'<' if self.peek() == Some(b'<') => {
                self.at += 1;
                Token::Operand(Operand::Other)
            }
            b'>' => {
                self.at += 1;
                Token::Operand(Operand::Other)
            }
            b'<' => Token::Operand(Operand::Text(self.hex())),
            b'/' => Token::Operand(Operand::Name(self.word(String::new()))),
            b'[' => {
                let mut parts = Vec::new();
                while let Some(Token::Operand(part)) = self.token() {
                    parts.push(part);
                }
                Token::Operand(Operand::Array(parts))
            }
            b']' => Token::End,
            b'%' => {
                while self.peek().is_some_and(|byte| byte != b'\n') {
                    self.at += 1;
                }
                return self.token();
            }
            first => {
                let word = self.word(String::from(char::from(first)));
                match word.parse() {
                    Ok(number) => Token::Operand(Operand::Number(number)),
                    Err(_) => Token::Word(word),
                }
            }
        })
    }

    fn word(&mut self, mut word: String) -> String {
        while let Some(byte) = self.peek()
            && !byte.is_ascii_whitespace()
            && !b"()<>[]/%".contains(&byte)
        {
            word.push(char::from(byte));
            self.at += 1;
        }
        word
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut text, mut depth) = (Vec::new(), 1);
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => match self.next() {
                    Some(b'n') => text.push(b'\n'),
                    Some(b'r') => text.push(b'\r'),
                    Some(b't') => text.push(b'\t'),
                    Some(b'b') => text.push(8),
                    Some(b'f') => text.push(12),
                    Some(b'\n') | None => {}
                    Some(digit @ b'0'..=b'7') => {
                        let mut code = u32::from(digit - b'0');
                        for _ in 0..2 {
                            if let Some(digit @ b'0'..=b'7') = self.peek() {
                                code = code * 8 + u32::from(digit - b'0');
                                self.at += 1;
                            }
                        }
                        text.push(code as u8);
                    }
                    Some(other) => text.push(other),
                },
                b'(' => {
                    depth += 1;
                    text.push(byte);
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    text.push(byte);
                }
                other => text.push(other),
            }
        }
        text
    }

    fn hex(&mut self) -> Vec<u8> {
        let mut digits = Vec::new();
        while let Some(byte) = self.next()
            && byte != b'>'
        {
            digits.extend(char::from(byte).to_digit(16));
        }
        let pairs = digits.chunks(2);
        pairs
            .map(|pair| (pair[0] * 16 + pair.get(1).unwrap_or(&0)) as u8)
            .collect()
    }
}

/// What the codes of a font mean.
pub fn to_unicode(map: &[u8]) -> BTreeMap<u16, String> {
    let code = |text: &[u8]| {
        text.iter()
            .fold(0_u16, |code, byte| (code << 8) | u16::from(*byte))
    };
    let words = |text: &[u8]| {
        let units: Vec<u16> = text.chunks(2).map(code).collect();
        String::from_utf16_lossy(&units)
    };
    let mut meanings = BTreeMap::new();
    for operation in operations(map) {
        let texts: Vec<&[u8]> = operation
            .operands
            .iter()
            .flat_map(Operand::strings)
            .collect();
        match operation.operator.as_str() {
            "endbfchar" => {
                for pair in texts.chunks_exact(2) {
                    meanings.insert(code(pair[0]), words(pair[1]));
                }
            }
            "endbfrange" => {
                let mut operands = operation.operands.iter();
                while let (Some(first), Some(last), Some(target)) =
                    (operands.next(), operands.next(), operands.next())
                {
                    let one = |operand: &Operand| operand.strings().next().map_or(0, code);
                    let targets: Vec<&[u8]> = target.strings().collect();
                    for (index, code) in (one(first)..=one(last)).enumerate() {
                        let meant = match (target, targets.as_slice()) {
                            (Operand::Array(_), many) => many.get(index).map(|text| words(text)),
                            (_, [only]) => {
                                let mut text = words(only);
                                let last = text.pop().map_or(0, u32::from) + index as u32;
                                text.extend(char::from_u32(last));
                                Some(text)
                            }
                            _ => None,
                        };
                        meanings.insert(code, meant.unwrap_or_default());
                    }
                }
            }
            _ => {}
        }
    }
    meanings
}
