//! What the lists say of each concept, as texts for the encoder.

use candle_core::{D, Device, Result, Tensor};

use super::encoder::{Encoder, Packed};
use super::windows::Pieces;
use crate::lexicon::{Lexicon, Strength};
use crate::scheme::{Concept, ConceptId};

/// Most labels of one concept that describe it.
const MOST_LABELS: usize = 24;
/// Word pieces of one batch of texts.
const BATCH: usize = 2_000;

/// A text of a concept, and how much it counts.
pub struct Text {
    concept: ConceptId,
    weight: f32,
    pieces: Vec<u32>,
}

/// The texts of some concepts: name and scope note count half, the labels together the other half.
pub fn texts<'l>(concepts: impl IntoIterator<Item = &'l Concept>, lexicon: &Lexicon, pieces: &Pieces) -> Vec<Text> {
    let mut texts = Vec::new();
    for concept in concepts {
        let name = format!("{}. {}", concept.pref_label, concept.scope_note);
        texts.push(Text { concept: concept.id, weight: 1.0, pieces: pieces.phrase(&name) });
        let labels: Vec<&str> = lexicon.labels.iter().filter(|l| l.concept == concept.id && l.strength != Strength::Weak).map(|l| l.text.as_str()).collect();
        let step = labels.len().div_ceil(MOST_LABELS).max(1);
        let chosen: Vec<&str> = labels.into_iter().step_by(step).collect();
        for label in &chosen {
            texts.push(Text { concept: concept.id, weight: 1.0 / chosen.len() as f32, pieces: pieces.phrase(&plain(label, 0)) });
        }
    }
    texts
}

/// Describes each concept by its texts, one row each in the order of the texts: the sum of the texts' mean tokens.
///
/// # Errors
/// As [`Encoder::forward`].
pub fn describe(encoder: &Encoder, texts: &[Text]) -> Result<Tensor> {
    let hidden = encoder.shape().hidden;
    let mut rows: Vec<f32> = Vec::new();
    let mut last = None;
    let mut unread = texts.iter();
    for packed in Packed::batches(texts.iter().map(|text| text.pieces.as_slice()), BATCH) {
        let described = encoder.forward(&packed)?.detach().to_vec2::<f32>()?;
        let mut row = 0;
        for text in unread.by_ref().take(packed.lengths.len()) {
            let tokens = &described[row..row + text.pieces.len()];
            row += text.pieces.len();
            let mean: Vec<f32> = (0..hidden).map(|i| tokens.iter().map(|token| token[i]).sum::<f32>()).collect();
            let length = mean.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            if last != Some(text.concept) {
                rows.resize(rows.len() + hidden, 0.0);
                last = Some(text.concept);
            }
            let start = rows.len() - hidden;
            rows[start..].iter_mut().zip(&mean).for_each(|(sum, x)| *sum += text.weight * x / length);
        }
    }
    let count = rows.len() / hidden;
    Tensor::from_vec(rows, (count, hidden), &Device::Cpu)
}

/// Rows less what all concepts have in common, at length 1.
///
/// # Errors
/// Shapes do not fit.
pub fn apart(described: &Tensor, common: &Tensor) -> Result<Tensor> {
    let apart = described.broadcast_sub(common)?;
    apart.broadcast_div(&apart.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)
}

/// One way to say a label: of each choice the option that `which` falls on.
pub fn plain(label: &str, which: usize) -> String {
    let mut out = String::new();
    let mut options: Option<Vec<String>> = None;
    for ch in label.chars() {
        match (ch, &mut options) {
            ('(' | '[', None) => options = Some(vec![String::new()]),
            (')' | ']', Some(list)) => {
                out.push_str(&list[which % list.len()]);
                options = None;
            }
            ('|', Some(list)) => list.push(String::new()),
            (_, Some(list)) => {
                if let Some(last) = list.last_mut() {
                    last.push(ch);
                }
            }
            ('…' | '@' | '_' | '*', None) => out.push(' '),
            ('#', None) => out.push('3'),
            (_, None) => out.push(ch),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_label_is_said_in_one_way() {
        assert_eq!(super::plain("(hit|punch in the) … face", 1), "punch in the face");
        assert_eq!(super::plain("smash [up] … window", 0), "smash up window");
        assert_eq!(super::plain("attendance … #", 7), "attendance 3");
    }
}
