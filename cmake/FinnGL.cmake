# Helper functions of the build. Plain add_library, not add_mlir_library: the latter adds -fno-exceptions, which callers of
# protobuf cannot have. Libraries link the shared libMLIR and libLLVM only.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

set(FINNGL_WARNINGS -Wall -Wextra)
if(FINNGL_WERROR)
  list(APPEND FINNGL_WARNINGS -Werror)
endif()

# GCC 12 at -O3 warns of impossible sizes inside `"text" + std::string` (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND FINNGL_WARNINGS $<$<CONFIG:Release>:-Wno-stringop-overflow>
       $<$<CONFIG:Release>:-Wno-restrict> $<$<CONFIG:Release>:-Wno-array-bounds>)
  # 12.4 of Debian 13 at -O2, too, where a vector of one float is copied.
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12.3)
    list(APPEND FINNGL_WARNINGS -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endif()

function(finngl_target_defaults target)
  target_compile_options(${target} PRIVATE ${FINNGL_WARNINGS})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include)
  target_include_directories(${target} SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/include)
endfunction()

# finngl_library(FinnGLName sources... [LINK libs...] [MLIR]): a static library; MLIR adds the headers and shared libraries.
function(finngl_library target)
  cmake_parse_arguments(ARG "MLIR" "" "LINK;DEPENDS" ${ARGN})
  add_library(${target} STATIC ${ARG_UNPARSED_ARGUMENTS})
  finngl_target_defaults(${target})
  if(ARG_MLIR)
    target_include_directories(${target} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
    target_compile_options(${target} PRIVATE -fno-rtti)
    target_link_libraries(${target} PUBLIC MLIR LLVM)
    add_dependencies(${target} finngl-tablegen)
    if(NOT target STREQUAL "FinnGLPrecompiled" AND TARGET FinnGLPrecompiled)
      target_precompile_headers(${target} REUSE_FROM FinnGLPrecompiled)
    endif()
  endif()
  target_link_libraries(${target} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${target} ${ARG_DEPENDS})
  endif()
endfunction()

# finngl_tool(name sources... LINK libs...): an executable of tools/.
function(finngl_tool target)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${target} ${ARG_UNPARSED_ARGUMENTS})
  finngl_target_defaults(${target})
  target_compile_options(${target} PRIVATE -fno-rtti)
  target_include_directories(${target} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_link_libraries(${target} PRIVATE ${ARG_LINK})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# finngl_unittest(Name sources... LINK libs...): a GoogleTest binary, one ctest entry, label fast.
function(finngl_unittest target)
  cmake_parse_arguments(ARG "MLIR" "" "LINK" ${ARGN})
  add_executable(${target} ${ARG_UNPARSED_ARGUMENTS})
  finngl_target_defaults(${target})
  if(ARG_MLIR)
    target_compile_options(${target} PRIVATE -fno-rtti)
    target_include_directories(${target} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  endif()
  target_compile_definitions(${target} PRIVATE FINNGL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  add_test(NAME unit/${target} COMMAND ${target} --gtest_brief=1)
  set_tests_properties(unit/${target} PROPERTIES LABELS "fast")
  # libMLIR is built without ASan, so its allocators' poisoning is one-sided.
  set_tests_properties(unit/${target} PROPERTIES ENVIRONMENT "ASAN_OPTIONS=allow_user_poisoning=0")
endfunction()

# finngl_lit_suite(name dir label): one ctest entry that runs the lit tests below dir.
find_file(LIT_PY lit.py PATHS ${LLVM_TOOLS_BINARY_DIR}/../build/utils/lit NO_DEFAULT_PATH)
find_package(Python3 COMPONENTS Interpreter REQUIRED)
function(finngl_lit_suite name dir label)
  add_test(NAME lit/${name}
           COMMAND ${Python3_EXECUTABLE} ${LIT_PY} -sv ${dir}
                   --param finngl_bin=${PROJECT_BINARY_DIR}/bin --param llvm_bin=${LLVM_TOOLS_BINARY_DIR}
                   --param build_dir=${PROJECT_BINARY_DIR})
  set_tests_properties(lit/${name} PROPERTIES LABELS "${label}")
endfunction()

# finngl_dialect_tablegen(Prefix mnemonic): ops, types, attributes and enums of <Prefix>Ops.td in the current folder.
function(finngl_dialect_tablegen prefix mnemonic)
  set(LLVM_TARGET_DEFINITIONS ${prefix}Ops.td)
  mlir_tablegen(${prefix}Ops.h.inc -gen-op-decls)
  mlir_tablegen(${prefix}Ops.cpp.inc -gen-op-defs)
  mlir_tablegen(${prefix}Dialect.h.inc -gen-dialect-decls -dialect=${mnemonic})
  mlir_tablegen(${prefix}Dialect.cpp.inc -gen-dialect-defs -dialect=${mnemonic})
  mlir_tablegen(${prefix}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${mnemonic})
  mlir_tablegen(${prefix}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${mnemonic})
  mlir_tablegen(${prefix}Enums.h.inc -gen-enum-decls)
  mlir_tablegen(${prefix}Enums.cpp.inc -gen-enum-defs)
  add_public_tablegen_target(finngl-${mnemonic}-incgen)
  add_dependencies(finngl-tablegen finngl-${mnemonic}-incgen)
endfunction()

# finngl_passes_tablegen(Name): declarations of the passes in Passes.td of the current folder.
function(finngl_passes_tablegen name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name ${name})
  add_public_tablegen_target(finngl-${name}-passes-incgen)
  add_dependencies(finngl-tablegen finngl-${name}-passes-incgen)
endfunction()
