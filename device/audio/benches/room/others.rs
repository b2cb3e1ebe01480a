//! WebRTC's echo canceller in Rust (`sonora`), as a whole and its linear part alone.

use sonora::{AudioProcessing, Config, StreamConfig, config::EchoCanceller};
use sonora_aec3::{block::Block, block_processor::BlockProcessor, config::EchoCanceller3Config};

const RATE_HZ: u32 = 16_000;
const FULL_SCALE: f32 = 32_768.0;

/// AEC3 with its suppressor.
pub(crate) fn aec3(played: &[f32], heard: &[f32]) -> Vec<f32> {
    let config = Config { echo_canceller: Some(EchoCanceller::default()), ..Config::default() };
    let stream = || StreamConfig::new(RATE_HZ, 1);
    let mut processing =
        AudioProcessing::builder().config(config).capture_config(stream()).render_config(stream()).build();
    let mut out = Vec::with_capacity(heard.len());
    for (played, heard) in played.chunks_exact(160).zip(heard.chunks_exact(160)) {
        let mut block = [0.0; 160];
        processing.process_render_f32(&[played], &mut [&mut block]).unwrap();
        processing.process_capture_f32(&[heard], &mut [&mut block]).unwrap();
        out.extend_from_slice(&block);
    }
    out
}

/// AEC3's filter alone.
pub(crate) fn aec3_linear(played: &[f32], heard: &[f32]) -> Vec<f32> {
    let mut config = EchoCanceller3Config::default();
    config.filter.export_linear_aec_output = true;
    let mut processor = BlockProcessor::new(&config, RATE_HZ as usize, 1, 1);
    let mut out = Vec::with_capacity(heard.len());
    for (played, heard) in played.chunks_exact(64).zip(heard.chunks_exact(64)) {
        let (mut render, mut capture, mut linear) = (Block::new(1, 1), Block::new(1, 1), Block::new(1, 1));
        let scale =
            |to: &mut [f32], from: &[f32]| to.iter_mut().zip(from).for_each(|(to, from)| *to = from * FULL_SCALE);
        scale(render.view_mut(0, 0), played);
        scale(capture.view_mut(0, 0), heard);
        processor.buffer_render(&render);
        processor.process_capture(false, false, Some(&mut linear), &mut capture);
        out.extend(linear.view(0, 0).iter().map(|sample| sample / FULL_SCALE));
    }
    out
}
