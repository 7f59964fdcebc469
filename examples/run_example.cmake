# Runs PROGRAM twice in FOLDER, made new and empty: a first run, and one that finds what it left.
# What the second run prints must be what EXPECTED says, when there is such a file.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
foreach(run 1 2)
  execute_process(COMMAND ${PROGRAM} WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result
    OUTPUT_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${result} in run ${run}")
  endif()
endforeach()
if(EXISTS ${EXPECTED})
  file(READ ${EXPECTED} expected)
  if(NOT output STREQUAL expected)
    message(FATAL_ERROR "printed:\n${output}\nexpected:\n${expected}")
  endif()
endif()
file(REMOVE_RECURSE ${FOLDER})
