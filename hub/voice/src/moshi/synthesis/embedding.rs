//! From tokens to vectors.
//!
//! Two things differ from common embeddings: a token may be absent, which is the vector 0, and a text token is two: the
//! word that is spoken now, and the word that comes later, which has a projection of its own over the same table.

use candle_core::{Device, Result, Tensor};
use candle_nn::{Linear, Module as _, VarBuilder, linear_no_bias};

/// The tables of all the codebooks, laid end to end so that a step is one look-up and one sum. The row after the last is 0.
#[derive(Debug)]
pub(super) struct AudioEmbedding {
    tables: Tensor,
    codebooks: usize,
    rows_each: usize,
}

impl AudioEmbedding {
    /// `weights` holds `0.weight`, `1.weight`, …, each with `card + 1` rows.
    pub(super) fn load(codebooks: usize, card: usize, dim: usize, weights: &VarBuilder) -> Result<Self> {
        let rows_each = card + 1;
        let mut tables = (0..codebooks)
            .map(|codebook| weights.get((rows_each, dim), &format!("{codebook}.weight")))
            .collect::<Result<Vec<_>>>()?;
        tables.push(Tensor::zeros((1, dim), weights.dtype(), weights.device())?);
        Ok(Self { tables: Tensor::cat(&tables, 0)?, codebooks, rows_each })
    }

    /// The sum over the codebooks, `[rows, dim]`, of tokens that lie row by row.
    pub(super) fn forward(&self, tokens: &[Option<u32>], device: &Device) -> Result<Tensor> {
        let absent = self.codebooks * self.rows_each;
        let places = tokens.iter().enumerate().map(|(at, token)| match token {
            Some(token) => position(at % self.codebooks * self.rows_each) + token,
            None => position(absent),
        });
        let places = Tensor::from_iter(places, device)?;
        let (rows, dim) = (tokens.len() / self.codebooks, self.tables.dim(1)?);
        self.tables.index_select(&places, 0)?.reshape((rows, self.codebooks, dim))?.sum(1)
    }
}

/// A row of a table. Tables have some 65,000 rows.
fn position(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// The text of one step: a token that is spoken now, and one of a word ahead, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextToken {
    pub(super) now: u32,
    pub(super) ahead: Option<u32>,
}

/// A table with two projections: `y = now(E[token]) + ahead(E[token ahead])`.
#[derive(Debug)]
pub(super) struct TextEmbedding {
    table: Tensor,
    now: Linear,
    ahead: Linear,
}

impl TextEmbedding {
    /// `inner` is the width of the table's rows, `dim` of what comes out.
    pub(super) fn load(text_card: usize, inner: usize, dim: usize, weights: &VarBuilder) -> Result<Self> {
        // The row after the last is what an absent token is looked up as.
        let table = weights.get((text_card + 1, inner), "weight")?;
        let zero = Tensor::zeros((1, inner), table.dtype(), table.device())?;
        let table = Tensor::cat(&[table, zero], 0)?;
        let now = linear_no_bias(inner, dim, weights.pp("out1"))?;
        let ahead = linear_no_bias(inner, dim, weights.pp("out2"))?;
        Ok(Self { table, now, ahead })
    }

    /// `[rows, dim]`.
    pub(super) fn forward(&self, tokens: &[TextToken], device: &Device) -> Result<Tensor> {
        let absent = position(self.table.dim(0)?.saturating_sub(1));
        let now = Tensor::from_iter(tokens.iter().map(|token| token.now), device)?;
        let spoken = self.now.forward(&self.table.index_select(&now, 0)?)?;
        if tokens.iter().all(|token| token.ahead.is_none()) {
            return Ok(spoken);
        }
        let ahead = Tensor::from_iter(tokens.iter().map(|token| token.ahead.unwrap_or(absent)), device)?;
        spoken + self.ahead.forward(&self.table.index_select(&ahead, 0)?)?
    }
}

/// A table of one codebook within a step; its rows may be narrow and then are projected.
#[derive(Debug)]
pub(super) struct CodeEmbedding {
    table: Tensor,
    low_rank: Option<Linear>,
}

impl CodeEmbedding {
    pub(super) fn load(card: usize, low_rank: Option<usize>, dim: usize, weights: &VarBuilder) -> Result<Self> {
        let table = weights.get((card + 1, low_rank.unwrap_or(dim)), "weight")?;
        let low_rank = low_rank.map(|inner| linear_no_bias(inner, dim, weights.pp("low_rank"))).transpose()?;
        Ok(Self { table, low_rank })
    }

    /// `[rows, dim]` of one token for each row.
    pub(super) fn forward(&self, tokens: &Tensor) -> Result<Tensor> {
        let rows = self.table.index_select(tokens, 0)?;
        match &self.low_rank {
            Some(low_rank) => low_rank.forward(&rows),
            None => Ok(rows),
        }
    }
}
