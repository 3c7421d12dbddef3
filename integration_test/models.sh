#!/usr/bin/env bash
# finngl verify over every model below FINNGL_MODELS, as deep as folders with a model.onnx go. usage: models.sh FINNGL
# A difference fails. What is refused at level exact or int (exit code 2: float models, mostly) is listed with the reason, and
# compared at level onnx.
[ -n "${FINNGL_MODELS:-}" ] || { echo "skipped: FINNGL_MODELS names no folder with reference models"; exit 77; }
status=0 passed=0 floats=0 refused=0
while IFS= read -r model; do
  compgen -G "${model%/*}/test_data_set_*" > /dev/null || continue
  name=${model#"$FINNGL_MODELS"/}
  out=$("$1" verify "$model" --levels onnx,exact,int 2>&1)
  code=$?
  if [ $code = 2 ]; then
    onnx=$("$1" verify "$model" --levels onnx 2>&1)
    case $? in
      0) floats=$((floats + 1)); echo "level onnx only: ${name%/*}: $(grep -m1 error <<< "$out")"; continue ;;
      1) code=1 out=$onnx ;;
    esac
  fi
  case $code in
    0) passed=$((passed + 1)) ;;
    2) refused=$((refused + 1)); echo "refused: ${name%/*}: $(grep -m1 error <<< "$out")" ;;
    *) status=1; printf 'FAILED: %s\n%s\n' "${name%/*}" "$out" ;;
  esac
done < <(find "$FINNGL_MODELS" -name model.onnx | sort)
echo "$passed models agree at levels onnx, exact, int; $floats at level onnx only; $refused refused"
[ "$passed" -gt 0 ] || status=1
exit $status
