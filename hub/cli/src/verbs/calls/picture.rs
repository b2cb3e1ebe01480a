//! How long each step of a call's turns took, as bars of plain text.

use xswarm_core::call::CallTurn;

/// Characters of the longest bar.
const WIDTH: u64 = 60;

/// The steps in order, and what they are drawn with.
const STEPS: [(char, &str); 3] = [('.', "to the end of the turn"), ('=', "to the answer"), ('#', "to its first sound")];

/// A bar for each turn that was answered, all to one scale, and what they mean. Nothing when there is none.
pub(super) fn lines(turns: &[CallTurn]) -> Vec<String> {
    let longest = turns.iter().filter_map(steps).flatten().flatten().max().unwrap_or(0);
    if longest == 0 {
        return Vec::new();
    }
    let mut lines: Vec<String> = turns.iter().filter_map(|turn| line(turn, longest)).collect();
    let legend: Vec<String> = STEPS.iter().map(|(drawn, step)| format!("{drawn} {step}")).collect();
    lines.push(format!("     {}, from the end of what was said", legend.join(", ")));
    lines
}

fn line(turn: &CallTurn, longest: u64) -> Option<String> {
    let (mut bar, mut drawn, mut reached) = (String::new(), 0, 0);
    for (at, (with, _)) in steps(turn)?.into_iter().zip(STEPS) {
        let Some(at) = at else { break };
        // Every step that took time is seen.
        let until = (at * WIDTH).div_ceil(longest).max(drawn);
        bar.extend((drawn..until).map(|_| with));
        (drawn, reached) = (until, at);
    }
    Some(format!("{:>3}  {bar} {reached} ms", turn.number))
}

/// When each step was done, in milliseconds from the end of what was said.
fn steps(turn: &CallTurn) -> Option<[Option<u64>; 3]> {
    let from = turn.speech_ended_ms?;
    let since = |at: Option<u64>| at.map(|at| at.saturating_sub(from));
    Some([since(turn.turn_ended_ms), since(turn.answered_ms), since(turn.first_audio_ms)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(number: u32, steps: [Option<u64>; 3]) -> CallTurn {
        let [turn_ended_ms, answered_ms, first_audio_ms] = steps.map(|step| step.map(|step| step + 4_000));
        CallTurn {
            number,
            speech_ended_ms: Some(4_000),
            turn_ended_ms,
            answered_ms,
            first_audio_ms,
            ..CallTurn::default()
        }
    }

    #[test]
    fn bars_have_one_scale_and_show_how_far_a_turn_got() {
        let turns = [
            turn(1, [Some(600), Some(900), Some(1_200)]),
            turn(2, [Some(300), None, None]),
            turn(10, [Some(600), Some(600), Some(620)]),
            CallTurn { number: 11, ..CallTurn::default() },
        ];
        assert_eq!(
            lines(&turns),
            [
                format!("  1  {}{}{} 1200 ms", ".".repeat(30), "=".repeat(15), "#".repeat(15)),
                format!("  2  {} 300 ms", ".".repeat(15)),
                format!(" 10  {}# 620 ms", ".".repeat(30)),
                "     . to the end of the turn, = to the answer, # to its first sound, from the end of what was said"
                    .to_owned(),
            ]
        );
        assert!(lines(&[]).is_empty());
    }
}
