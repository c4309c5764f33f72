"""What images and packages would take along, judged without running anything of the project.

    dockerignore  what a build context has      npm    what `npm pack` takes
    sdist         what a source distribution takes, by its build backend
    patterns      globs and ignore rules, in each tool's own dialect

Each answers for single paths, relative to the package and with `/`.
"""
