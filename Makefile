# Each target installs what the machine lacks (from Debian's packages), then does its job.
# Only git, curl and cargo are taken for granted. Run as root, or with sudo at hand.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
STATE ?= ./var
# libasound2-dev: every crate of the workspace is built, that which opens sound cards too.
BUILD_PACKAGES := gcc libc6-dev make perl pkg-config libssl-dev libasound2-dev
# Workspace-wide, so that what everyday builds share with these is compiled once.
TINY := xswarm-hub/tiny,xswarm-tests/tiny
FUZZ_VERSION := 0.13.1
FUZZ_SECONDS ?= 60
# A sound server without a sound card, and ALSA's way to it.
SOUND_PACKAGES := pulseaudio pulseaudio-utils libasound2-plugins
TEST_PACKAGES := $(BUILD_PACKAGES) python3 python3-venv strace iproute2 chromium-headless-shell fonts-dejavu-core espeak-ng $(SOUND_PACKAGES)

SPEECH_PACKAGES := espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts
WAKE_CACHE ?= $(CURDIR)/target/wake
WAKE_EFFORT ?= 1
WAKE_STOP_EFFORT ?= 0.3
WAKE_HOURS ?= 1

.PHONY: help build-deps test-deps sound-deps fuzz-deps cuda-deps speech-deps run build build-gpu check test test-models test-long test-reference test-gpu fuzz bench bench-room bench-gpu bench-wake train-wake clean-state

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build-deps:
	@./scripts/install-packages $(BUILD_PACKAGES)

test-deps:
	@./scripts/install-packages $(TEST_PACKAGES)
	@./scripts/python-environment

sound-deps: build-deps
	@./scripts/install-packages $(SOUND_PACKAGES)

run: build-deps ## build and start the hub with its state in ./var, and talk to it on the terminal
	@$(CARGO) build --release --bin xswarm-hub --bin xswarm
	@./scripts/run $(STATE)

build: build-deps ## build the release binaries
	$(CARGO) build --release --workspace --bins

check: test-deps ## formatting, lints, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --document-private-items

test: test-deps ## every test of tier 1
	@$(CARGO) build --workspace --bins --locked
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace --locked && $(CARGO) test --workspace --doc --locked; \
	else \
		$(CARGO) test --workspace --locked; \
	fi

test-models: test-deps ## lints and tests of Kyutai's models, of a tiny size and on the processor: compiles candle, minutes
	$(CARGO) clippy --workspace --all-targets --features $(TINY) --locked -- -D warnings
	$(CARGO) clippy --workspace --bins --features xswarm-hub/moshi --locked -- -D warnings
	@$(CARGO) build --workspace --bins --features $(TINY) --locked
	$(CARGO) test --workspace --lib --bins --test e2e --features $(TINY) --locked -- moshi:: pulling:: catalogue:: voice::

test-long: test-deps ## 2,000 kills, 200,000 recurrence rules, 10,000 reminders at once, 10,000 calls, 100 requests for each operation
	XSWARM_RULES=200000 $(CARGO) test --workspace --locked --test differential -- --nocapture
	XSWARM_KILLS=2000 $(CARGO) test --workspace --locked --test e2e -- --nocapture crash::
	XSWARM_REMINDERS=10000 $(CARGO) test --workspace --locked --test e2e -- --nocapture those_due_at_once
	XSWARM_CALLS=10000 $(CARGO) test --workspace --locked --test e2e -- --nocapture calls::breaking
	XSWARM_EXAMPLES=100 $(CARGO) test --workspace --locked --test e2e -- --nocapture openapi::

test-reference: build-deps ## the models against Kyutai's own Python (fetches 0.9 GB of torch)
	@./scripts/install-packages python3 python3-venv
	@./scripts/reference-environment
	tests/.venv-reference/bin/python tests/reference/synthesis.py --check
	$(CARGO) test --locked -p xswarm-voice --features moshi --lib -- moshi::synthesis::tests::numbers --nocapture

fuzz-deps: build-deps
	@./scripts/install-packages g++
	@$(CARGO) fuzz --version 2>/dev/null | grep -qx "cargo-fuzz $(FUZZ_VERSION)" || $(CARGO) install cargo-fuzz --version "=$(FUZZ_VERSION)" --locked

fuzz: fuzz-deps ## throw random text at the language for FUZZ_SECONDS (60)
	cd hub/language && $(CARGO) fuzz run --sanitizer none understand -- -max_total_time=$(FUZZ_SECONDS) -max_len=400

bench: build-deps ## measure, and print tables; nothing is asserted
	@./scripts/install-packages espeak-ng
	@$(CARGO) build --release --locked --workspace --bins
	@$(CARGO) bench --locked -p xswarm-language --bench parse -- --quiet
	@$(CARGO) bench --locked -p xswarm-language --bench compare
	@$(CARGO) bench --locked -p xswarm-store --bench calendar -- --quiet
	@$(CARGO) bench --locked -p xswarm-store --bench search -- --quiet
	@$(CARGO) bench --locked -p xswarm-voice --bench codec
	@$(CARGO) bench --locked -p xswarm-room --bench room
	@target=$${CARGO_TARGET_DIR:-target} && "$$target/release/xswarm-bench"

bench-room: build-deps ## how well the box hears in made-up rooms, beside speexdsp and WebRTC; makes the rooms first
	@./scripts/install-packages g++ python3-dev python3-venv espeak-ng libspeexdsp1
	@./scripts/room-environment
	@rooms="$$(realpath -m "$${CARGO_TARGET_DIR:-target}")/room" && \
		tests/.venv-room/bin/python tests/room/simulate.py "$$rooms" && \
		tests/.venv-room/bin/python tests/room/peers.py "$$rooms" && \
		$(CARGO) bench --locked -p xswarm-audio --bench room -- "$$rooms"

speech-deps: build-deps
	@./scripts/install-packages $(SPEECH_PACKAGES)

train-wake: speech-deps ## learn to hear "hey boss" and "stop", from nothing but synthetic speech: about two hours of a processor
	nice $(CARGO) run --release --locked -p xswarm-wake --example train_wake -- "hey boss" \
		--effort $(WAKE_EFFORT) --cache $(WAKE_CACHE) --output device/wake/heads/hey-boss.head
	nice $(CARGO) run --release --locked -p xswarm-wake --example train_wake -- stop \
		--effort $(WAKE_STOP_EFFORT) --cache $(WAKE_CACHE) --output device/wake/heads/stop.head

bench-wake: speech-deps ## how well "hey boss" is heard; WAKE_HOURS of other speech (1; 20 takes hours), and two other detectors
	@./scripts/install-packages python3 python3-venv
	nice $(CARGO) bench --locked -p xswarm-wake --bench wake -- --hours $(WAKE_HOURS) --cache $(WAKE_CACHE) --peers $(WAKE_CACHE)/peers --heard $(WAKE_CACHE)/heard
	@[ -x $(WAKE_CACHE)/venv/bin/python ] || python3 -m venv $(WAKE_CACHE)/venv
	@$(WAKE_CACHE)/venv/bin/pip install --quiet --disable-pip-version-check --requirement device/wake/peers/requirements.txt
	nice $(WAKE_CACHE)/venv/bin/python device/wake/peers/transcripts.py $(WAKE_CACHE)/heard
	nice $(WAKE_CACHE)/venv/bin/python device/wake/peers/measure.py $(WAKE_CACHE)/peers

cuda-deps: build-deps
	@./scripts/install-packages g++ python3 python3-pip
	@./scripts/cuda-toolchain

# The command line by itself: it is to start without the libraries that the hub needs then.
build-gpu: cuda-deps ## build the hub for an NVIDIA GPU, and the command line; builds without CUDA
	./scripts/with-cuda $(CARGO) build --release --locked --features xswarm-hub/cuda --bin xswarm-hub
	$(CARGO) build --release --locked --bin xswarm

bench-gpu: cuda-deps ## how many sessions of each model an NVIDIA GPU carries; builds without CUDA, needs no weights
	./scripts/with-cuda $(CARGO) bench --locked -p xswarm-voice --features cuda --bench moshi
	./scripts/with-cuda $(CARGO) bench --locked -p xswarm-voice --features cuda --bench synthesis
	./scripts/with-cuda $(CARGO) bench --locked -p xswarm-voice --features cuda --bench duplex

test-gpu: cuda-deps ## the tests of tiny models, computed on an NVIDIA GPU
	./scripts/with-cuda $(CARGO) test --release --locked -p xswarm-voice --features cuda --lib moshi::
