# finngl_rtl_bench(module [NAME=VALUE...]): one run of the module's Verilator bench with these parameters.
# Call it once per parameter set. finngl_rtl_check(module [NAME=VALUE...]): lint and synthesis by all open tools.
function(finngl_rtl_bench module)
  string(JOIN "_" suffix ${ARGN})
  string(REGEX REPLACE "[^A-Za-z0-9_=.-]" "" suffix "${suffix}")
  add_test(NAME rtl/bench/${module}/${suffix}
           COMMAND ${PROJECT_SOURCE_DIR}/test/rtl/run-bench.sh ${module}
                   ${CMAKE_CURRENT_BINARY_DIR}/${module}/bench_${suffix} ${ARGN})
  set_tests_properties(rtl/bench/${module}/${suffix} PROPERTIES LABELS "rtl")
endfunction()

function(finngl_rtl_check module)
  string(JOIN "_" suffix ${ARGN})
  string(REGEX REPLACE "[^A-Za-z0-9_=.-]" "" suffix "${suffix}")
  add_test(NAME rtl/check/${module}/${suffix}
           COMMAND ${PROJECT_SOURCE_DIR}/test/rtl/check-module.sh ${module}
                   ${CMAKE_CURRENT_BINARY_DIR}/${module}/check_${suffix} ${ARGN})
  set_tests_properties(rtl/check/${module}/${suffix} PROPERTIES LABELS "rtl")
endfunction()
