#!/usr/bin/env bash
# All that is to be known of a GPU, in one run of under eight minutes on a bare host: is every op right on it,
# which tiles are best, how fast are training epochs and kernels in f32 and f16 and ladders, and how fast is PyTorch
# on the same card where it is found. What matters most stands first: where time runs short it is the ladders that
# are left out. Leaves JSON and logs in the folder OUT; a step that fails is told and the next goes on.
#
#     bash bench/gpu.sh OUT
#
# ratios.log holds our times beside PyTorch's and how many times ours is as fast, an epoch of SYSTEM among them.
# Needs Deno alone: no package, no network. The CPU kernels must be built already, .build/ being carried along
# (`deno task kernels && deno task kernels:ladder` where packages are to be had). Settings:
#   GPU         what --device is given, to tests too      (default gpu; gpu:llvmpipe tries the script itself)
#   SECONDS_ALL most seconds for everything              (default 460)
#   KERNELS     what is benched                          (default: all)
#   LADDERS     ladders that are timed                   (default: all)
#   SYSTEM      trained for EPOCHS epochs on made-up clips, none: skipped (default cnn4, 3)
#   TEST_SECONDS  most seconds for them                (default 200)
#   TESTS       files of tests that go first             (default: all ops, tiles, halves, ladders)
#   PYTHON      a Python that may have torch             (default python3)
set -uo pipefail
cd "$(dirname "$0")/.."

if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo "usage: bash bench/gpu.sh OUT" >&2
  exit 2
fi
mkdir -p "$1" && out=$(cd "$1" && pwd) || exit 2
gpu=${GPU:-gpu}
all=${SECONDS_ALL:-460}
ladders=${LADDERS-matmul conv2d softmax fft attention}
system=${SYSTEM-cnn4}
epochs=${EPOCHS:-3}
tests=${TESTS:-tests/engine/ops/ops_test.ts tests/engine/ops/real_gpu_test.ts tests/engine/ops/tiles_test.ts tests/engine/ops/half_test.ts tests/engine/webgpu/cooperative_test.ts tests/bench/ladder_test.ts}
python=${PYTHON:-python3}
export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
export TIMBRE_REQUIRE_GPU=1 TIMBRE_GPU=$gpu
flags=--v8-flags=--no-wasm-bounds-checks,--experimental-wasm-revectorize
steps=()
reserve=10 # seconds kept for the ratios, which need one or two

# step NAME LIMIT COMMAND…: at most LIMIT seconds, and no longer than is left in all; its output goes to
# NAME.log as well. Notes how it ended and how long it took.
step() {
  local name=$1 limit=$2 start=$SECONDS left=$((all - SECONDS - reserve)) code
  shift 2
  [ "$left" -lt "$limit" ] && limit=$left
  if [ "$limit" -le 0 ]; then
    echo "== $name: no time left"
    steps+=("{\"step\": \"$name\", \"code\": null, \"seconds\": 0}")
    return
  fi
  echo "== $name"
  timeout -k 5 "$limit" "$@" 2>&1 | tee "$out/$name.log"
  code=${PIPESTATUS[0]}
  echo "== $name: $([ "$code" = 0 ] && echo ok || echo "failed ($code)"), $((SECONDS - start)) s"
  steps+=("{\"step\": \"$name\", \"code\": $code, \"seconds\": $((SECONDS - start))}")
}

timbre() {
  deno run --no-npm --no-prompt $flags --allow-read --allow-write commands/gpu.ts "$@"
}
export -f timbre
export flags

# Does nothing where the kernels that were carried are those of the sources; else it needs the compiler.
build() {
  local args="--no-prompt --allow-read=. --allow-write=.build --allow-env=CI engine/cpu/build.ts" folder
  for folder in "" bench/ladder; do
    deno run --no-npm $args $folder 2>/dev/null || deno run $args $folder || return
  done
}
export -f build

step build 30 bash -c build
step devices 30 bash -c "timbre devices > '$out/devices.json' && cat '$out/devices.json'"
# shellcheck disable=SC2086
step tests "${TEST_SECONDS:-200}" deno test --no-npm --no-check --no-prompt --allow-read=. --allow-env=TIMBRE_DEFAULT_LIMITS,TIMBRE_GPU,TIMBRE_REQUIRE_GPU $tests
step tune 85 bash -c "timbre tune --seconds 70 --device '$gpu'"
cp .cache/timbre/tuning/*.json "$out/" 2>/dev/null
if [ "$system" != none ]; then
  step epochs 60 bash -c "timbre epochs $system --epochs $epochs --device '$gpu' --json '$out/epochs.json'"
  step epochs-f16 60 bash -c "timbre epochs $system --epochs $epochs --precision f16 --device '$gpu' --json '$out/epochs-f16.json'"
fi
if "$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  step pytorch 90 bash -c "'$python' bench/peers/pytorch.py cuda > '$out/pytorch.jsonl'; code=\$?; cat '$out/pytorch.jsonl'; exit \$code"
else
  echo "== pytorch: $python has no PyTorch with CUDA here"
fi
step bench 120 bash -c "timbre bench ${KERNELS:-} --device '$gpu' --json '$out/bench.json'"
step bench-f16 40 bash -c "timbre bench ${KERNELS:-matmul conv2d attention} --precision f16 --device '$gpu' --json '$out/bench-f16.json'"
reserve=0
if [ -s "$out/pytorch.jsonl" ]; then
  ours=()
  for file in bench epochs; do [ -f "$out/$file.json" ] && ours+=("$out/$file.json"); done
  step ratios 20 deno run --no-npm --no-prompt --allow-read bench/peers/ratios.ts "$out/pytorch.jsonl" "${ours[@]}"
fi
for ladder in $ladders; do
  step "ladder-$ladder" 25 bash -c "timbre ladder $ladder --device '$gpu' --json '$out/ladder-$ladder.json'"
done
(IFS=,; printf '{"device": "%s", "date": "%s", "seconds": %d, "steps": [%s]}\n' "$gpu" "$(date -u +%FT%TZ)" "$SECONDS" "${steps[*]}") >"$out/steps.json"
echo "== all: $SECONDS s; results in $out"
failed=$(grep -o '"code": [1-9n][^,]*' "$out/steps.json" | wc -l)
[ "$failed" = 0 ]
