# Sourced by run-bench.sh and check-module.sh.
# sv_literal FILE NAME VALUE: the value as a literal of the parameter's width, since a plain integer given to a
# parameter that is not an int is a width warning.
sv_literal() {
  local width
  width=$(sed -nE "s/^ *parameter +bit +$2 .*/1/p; s/^ *parameter +(signed +)?\[([0-9]+):0\] +$2 .*/\2+1/p" "$1")
  if [[ -z $width || ! $3 =~ ^-?[0-9]+$ ]]; then
    echo "$3"
  else
    printf "%d'h%x\n" $((width)) "$3"
  fi
}
