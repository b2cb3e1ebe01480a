//! Opens what a model was published as: safetensors or GGUF.
//!
//! A file that is missing, truncated or something else is told with its name; what the tensors' names and shapes must be,
//! the model's own code says when it asks for them.

use std::{
    collections::HashMap,
    fs::File,
    io::{ErrorKind, Read as _},
    path::Path,
};

use candle_core::{DType, Device, quantized::gguf_file};
use candle_nn::VarBuilder;
use candle_transformers::quantized_var_builder;
use moshi::nn::MaybeQuantizedVarBuilder;

/// The header of the largest model is a few hundred kilobytes; a file that claims more is none.
const HEADER_MOST_BYTES: u64 = 64 << 20;

/// Opens the weights of a language model, by the ending of the file's name. Says what is wrong with it.
pub(super) fn open(file: &Path, dtype: DType, device: &Device) -> Result<MaybeQuantizedVarBuilder<'static>, String> {
    if file.extension().is_some_and(|extension| extension == "gguf") {
        File::open(file).map_err(|error| unreadable(&error))?;
        let weights = quantized_var_builder::VarBuilder::from_gguf(file, device)
            .map_err(|error| format!("is no whole GGUF file: {}", said(&error)))?;
        return Ok(MaybeQuantizedVarBuilder::Quantized(weights));
    }
    open_safetensors(file, dtype, device).map(MaybeQuantizedVarBuilder::Real)
}

/// The same for a batched model, which on a GPU wants every weight as wide as `dtype`: of quantized ones its attention makes
/// numbers of 16 bits, and its mask has 32 (moshi 0.6.4).
pub(super) fn open_batched(
    file: &Path,
    dtype: DType,
    device: &Device,
) -> Result<MaybeQuantizedVarBuilder<'static>, String> {
    if !device.is_cuda() || file.extension().is_none_or(|extension| extension != "gguf") {
        return open(file, dtype, device);
    }
    let mut opened = File::open(file).map_err(|error| unreadable(&error))?;
    let mut widened = || -> candle_core::Result<VarBuilder<'static>> {
        let content = gguf_file::Content::read(&mut opened)?;
        let mut tensors = HashMap::new();
        for name in content.tensor_infos.keys() {
            let tensor = content.tensor(&mut opened, name, device)?.dequantize(device)?.to_dtype(dtype)?;
            tensors.insert(name.clone(), tensor);
        }
        Ok(VarBuilder::from_tensors(tensors, dtype, device))
    };
    let widened = widened().map_err(|error| format!("is no whole GGUF file: {}", said(&error)))?;
    Ok(MaybeQuantizedVarBuilder::Real(widened))
}

/// Opens a safetensors file. Says what is wrong with it.
pub(super) fn open_safetensors(file: &Path, dtype: DType, device: &Device) -> Result<VarBuilder<'static>, String> {
    is_whole(file)?;
    #[expect(
        unsafe_code,
        reason = "gigabytes are mapped, not read: what is copied to the GPU need not be in memory twice. \
        Nothing of ours writes to a model's file; `pull` puts a new one in its place by renaming"
    )]
    let weights = unsafe { VarBuilder::from_mmaped_safetensors(&[file], dtype, device) };
    weights.map_err(|error| format!("is no safetensors file: {}", said(&error)))
}

/// Compares a safetensors file's length with what its header says (8 bytes of length, little-endian; a JSON object whose
/// entries have `data_offsets`; the data).
fn is_whole(path: &Path) -> Result<(), String> {
    let none = || "is no safetensors file".to_owned();
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let has_bytes = file.metadata().map_err(|error| unreadable(&error))?.len();
    let cut = |needs: u64| format!("is truncated: it has {has_bytes} bytes of {needs} or more");
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(|_short| cut(8))?;
    let header_bytes = u64::from_le_bytes(length);
    if header_bytes > HEADER_MOST_BYTES {
        return Err(none());
    }
    let mut header = Vec::new();
    file.take(header_bytes).read_to_end(&mut header).map_err(|error| unreadable(&error))?;
    if (header.len() as u64) < header_bytes {
        return Err(cut(8 + header_bytes));
    }
    let header: HashMap<String, serde_json::Value> = serde_json::from_slice(&header).map_err(|_error| none())?;
    let end = |entry: &serde_json::Value| entry.get("data_offsets")?.get(1)?.as_u64();
    let needs = 8 + header_bytes + header.values().filter_map(end).max().unwrap_or(0);
    if has_bytes < needs { Err(cut(needs)) } else { Ok(()) }
}

/// Why a file cannot be read.
pub(super) fn unreadable(error: &std::io::Error) -> String {
    if error.kind() == ErrorKind::NotFound { "is missing".to_owned() } else { format!("cannot be read: {error}") }
}

/// An error of candle's without the backtrace that it may carry.
pub(super) fn said(error: &candle_core::Error) -> String {
    let mut error = error;
    while let candle_core::Error::WithBacktrace { inner, .. } | candle_core::Error::WithPath { inner, .. } = error {
        error = inner;
    }
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
