"""Views of workflow: the queue, lists and search, the case page, the steps that belong to no stage."""
