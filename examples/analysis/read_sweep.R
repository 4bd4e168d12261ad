#!/usr/bin/env Rscript
# Mean and spread of a metric per policy and axes: read_sweep.R results/NAME/sweep.db [METRIC]
library(RSQLite) # apt install r-cran-rsqlite

arguments <- commandArgs(trailingOnly = TRUE)
metric <- if (length(arguments) > 1) arguments[2] else "response_mean_s"
store <- dbConnect(SQLite(), arguments[1], flags = SQLITE_RO)
axes <- dbGetQuery(store, "SELECT name FROM axes ORDER BY position")$name
metrics <- dbListFields(store, "metrics")[-1]
if (!metric %in% metrics) stop("there is no metric ", metric, "; there are: ", toString(metrics), call. = FALSE)
results <- dbGetQuery(store, "SELECT * FROM results WHERE status = 'done' ORDER BY point")
dbDisconnect(store)

results <- results[!is.na(results[[metric]]), ]
cells <- results[c("policy", axes)]
key <- do.call(paste, c(cells, sep = "\t")) # NA where an axis is not the policy's
values <- split(results[[metric]], factor(key, levels = unique(key)))
cat(paste(c("policy", axes, metric, "standard_deviation", "runs"), collapse = "\t"), "\n", sep = "")
for (cell in names(values)) {
  spread <- if (length(values[[cell]]) > 1) sd(values[[cell]]) else 0
  cat(sprintf("%s\t%.6g\t%.3g\t%d\n", cell, mean(values[[cell]]), spread, length(values[[cell]])))
}
