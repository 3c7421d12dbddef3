# finngl_rtl_bench(module [NAME=VALUE...]): one run of the module's Verilator bench with these parameters.
# Call it once per parameter set. finngl_rtl_check(module [NAME=VALUE...]): lint and synthesis by all open tools.
function(finngl_rtl_bench module)
  finngl_rtl_case(suffix folder ${ARGN})
  add_test(NAME rtl/bench/${module}/${suffix}
           COMMAND ${PROJECT_SOURCE_DIR}/test/rtl/run-bench.sh ${module}
                   ${CMAKE_CURRENT_BINARY_DIR}/${module}/bench_${folder} ${ARGN})
  set_tests_properties(rtl/bench/${module}/${suffix} PROPERTIES LABELS "rtl"
    ENVIRONMENT "FINNGL_VERILATED_CACHE=${PROJECT_BINARY_DIR}/test/rtl/verilated")
endfunction()

function(finngl_rtl_check module)
  finngl_rtl_case(suffix folder ${ARGN})
  add_test(NAME rtl/check/${module}/${suffix}
           COMMAND ${PROJECT_SOURCE_DIR}/test/rtl/check-module.sh ${module}
                   ${CMAKE_CURRENT_BINARY_DIR}/${module}/check_${folder} ${ARGN})
  set_tests_properties(rtl/check/${module}/${suffix} PROPERTIES LABELS "rtl")
endfunction()

# Names of a parameter set's test and folder; a file's name has at most 255 bytes.
function(finngl_rtl_case suffix_out folder_out)
  string(JOIN "_" suffix ${ARGN})
  string(REGEX REPLACE "[^A-Za-z0-9_=.-]" "" suffix "${suffix}")
  set(folder "${suffix}")
  string(LENGTH "${folder}" length)
  if(length GREATER 200)
    string(SUBSTRING "${folder}" 0 160 start)
    string(MD5 hash "${folder}")
    set(folder "${start}_${hash}")
  endif()
  set(${suffix_out} "${suffix}" PARENT_SCOPE)
  set(${folder_out} "${folder}" PARENT_SCOPE)
endfunction()
