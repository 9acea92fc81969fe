# Copies the end-to-end tests from FROM to WORK and installs their packages there, if that lock file
# is not installed yet. Afterwards NODE must run.
file(GLOB stale ${WORK}/*.test.mjs)
file(REMOVE_RECURSE ${WORK}/support ${stale})
file(GLOB tests ${FROM}/*.test.mjs)
file(COPY ${tests} ${FROM}/support ${FROM}/package.json ${FROM}/package-lock.json DESTINATION ${WORK})

file(SHA256 ${WORK}/package-lock.json digest)
set(stamp ${WORK}/node_modules/.installed-${digest})
if(NOT EXISTS ${stamp})
  # Without the packages' own scripts: nothing runs or downloads that the lock file does not pin.
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
                  WORKING_DIRECTORY ${WORK} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "npm ci failed (${failed}) in ${WORK}: is the package registry reachable?")
  endif()
  file(TOUCH ${stamp})
endif()
execute_process(COMMAND ${NODE} --version RESULT_VARIABLE failed OUTPUT_VARIABLE version)
if(failed)
  message(FATAL_ERROR "${NODE} does not run: ${failed}. Its package exists for x86-64 and arm64 only.")
endif()
message(STATUS "clients in ${WORK}, Node ${version}")
