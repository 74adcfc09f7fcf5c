//! The compiled schema: an arena of nodes, each a list of rules. References are edges, so recursion is a cycle of ids.

use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Number, Value};

use crate::formats::Format;
use crate::pattern::Pattern;

pub(crate) type NodeId = u32;

/// A set of primitive types. `number` is two of them, so that `integer` and "a number that is none" are both sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types(pub(crate) u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const INTEGER: Self = Self(4);
    pub(crate) const FRACTION: Self = Self(8);
    pub(crate) const NUMBER: Self = Self(12);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    pub(crate) const ALL: Self = Self(127);
    pub(crate) const EACH: [Self; 7] = [
        Self::STRING,
        Self::INTEGER,
        Self::OBJECT,
        Self::ARRAY,
        Self::BOOLEAN,
        Self::NULL,
        Self::FRACTION,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) => {
                if is_integral(number) {
                    Self::INTEGER
                } else {
                    Self::FRACTION
                }
            }
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }
}

/// Whether the value is an integer mathematically (`1.0` is, from draft 6 on).
pub(crate) fn is_integral(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// One assertion or applicator. Several rules may stem from one keyword: each name of `required` is one.
#[derive(Debug)]
pub(crate) enum Rule {
    /// The schema `false`.
    Nothing,
    Type(Types),
    /// `enum`, and `const` as an enumeration of one.
    Enum(Vec<Value>),
    /// `minimum` and `exclusiveMinimum`.
    Lower {
        bound: Number,
        exclusive: bool,
    },
    /// `maximum` and `exclusiveMaximum`.
    Upper {
        bound: Number,
        exclusive: bool,
    },
    MultipleOf(Number),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Arc<Pattern>),
    /// Satisfied where possible; broken only where it is taken for an assertion.
    Format(Format),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    Prefix(Vec<NodeId>),
    /// `items`, `additionalItems`: every element from an index on.
    Items {
        from: usize,
        node: NodeId,
    },
    /// At least `min` elements match; `minContains` beyond 1 is a rule of its own.
    Contains {
        node: NodeId,
        min: u64,
    },
    /// `minContains` beside `contains`.
    MinContains {
        node: NodeId,
        min: u64,
    },
    MaxContains {
        node: NodeId,
        max: u64,
    },
    UnevaluatedItems(NodeId),
    MinProperties(u64),
    MaxProperties(u64),
    Required(String),
    Properties(Properties),
    PatternProperties(Vec<(Arc<Pattern>, NodeId)>),
    AdditionalProperties {
        node: NodeId,
        known: FxHashSet<String>,
        patterns: Vec<Arc<Pattern>>,
    },
    PropertyNames(NodeId),
    DependentRequired {
        name: String,
        needs: String,
    },
    DependentSchema {
        name: String,
        node: NodeId,
    },
    UnevaluatedProperties(NodeId),
    AllOf(Vec<NodeId>),
    AnyOf(Vec<NodeId>),
    OneOf(Vec<NodeId>),
    Not(NodeId),
    If {
        condition: NodeId,
        then: NodeId,
        otherwise: NodeId,
    },
    Reference(NodeId),
}

/// The subschemas of `properties`, in the schema's order, and by name.
#[derive(Debug)]
pub(crate) struct Properties {
    list: Vec<(String, NodeId)>,
    /// Where each name stands in the list.
    places: FxHashMap<String, usize>,
}

impl Properties {
    pub(crate) fn new(list: Vec<(String, NodeId)>) -> Self {
        let places = list.iter().enumerate().map(|(at, (name, _))| (name.clone(), at));
        Self {
            places: places.collect(),
            list,
        }
    }

    /// Where the name stands.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The members that are named here, each with its subschema.
    pub(crate) fn of<'v>(
        &self,
        members: &'v serde_json::Map<String, Value>,
    ) -> impl Iterator<Item = (&'v String, NodeId, &'v Value)> {
        members
            .iter()
            .filter_map(|(name, member)| Some((name, self.list[self.find(name)?].1, member)))
    }
}

impl Deref for Properties {
    type Target = [(String, NodeId)];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl Rule {
    /// Whether no instance can fail it.
    pub(crate) fn is_annotation(&self) -> bool {
        matches!(self, Self::Format(format) if !format.asserts())
    }

    /// Whether its subschemas judge the very value that it judges.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(
            self,
            Self::AllOf(_)
                | Self::AnyOf(_)
                | Self::OneOf(_)
                | Self::Not(_)
                | Self::If { .. }
                | Self::DependentSchema { .. }
                | Self::Reference(_)
        )
    }
}

/// A rule and the keyword it was read from.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) rule: Rule,
    pub(crate) keyword: &'static str,
}

/// A subschema.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Where it stands in the document given; `None` for metaschemas and implied subschemas.
    pub(crate) pointer: Option<String>,
    pub(crate) rules: Vec<Entry>,
    /// `examples`, `default`: tried first where they are valid.
    pub(crate) suggestions: Vec<Value>,
}

impl Node {
    pub(crate) fn accepts_all(&self) -> bool {
        self.rules.iter().all(|entry| entry.rule.is_annotation())
    }

    pub(crate) fn accepts_nothing(&self) -> bool {
        self.rules.iter().any(|entry| matches!(entry.rule, Rule::Nothing))
    }
}

/// The whole compiled schema; node 0 is the root.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    /// How far each node is from a finite instance; `u32::MAX` where it only recurses.
    pub(crate) heights: Vec<u32>,
    /// Whether an element that `contains` matches is thereby evaluated (from 2020-12 on).
    pub(crate) contains_evaluates: bool,
}

impl Program {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// Least levels below an instance of the node.
    pub(crate) fn height(&self, id: NodeId) -> u32 {
        self.heights.get(id as usize).copied().unwrap_or(0)
    }
}

/// Equality as JSON Schema has it: numbers by value, objects without order.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.is_f64() != b.is_f64() && a.as_f64() == b.as_f64()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => left == right,
    }
}
